"""Where text comes from; each module is one source, or helps one."""
