"""The tables of the store. Whoever changes their columns must raise SCHEMA_VERSION.

migrations.py then needs a step from the version before.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, MetaData, String, Table, Text

SCHEMA_VERSION = 7

metadata = MetaData()

meta = Table(
    "tinylm_meta",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("title", String(80), nullable=False),
    Column("owner", String(80), nullable=False, default=""),
    Column("kind", String(20), nullable=False),
    Column("config", Text, nullable=False),  # JSON
    Column("parent", String(80), nullable=False, default=""),
    # "NAME/ARM" of the experiment that it belongs to; "" for all other runs
    Column("experiment", String(80), nullable=False, default="", server_default=""),
    Column("status", String(20), nullable=False),  # pages may show another: see runs.py
    Column("wish", String(10), nullable=False, default="run"),  # run | pause | stop
    Column("hold_at", Integer),  # the step at which the run holds; NULL: none
    Column("deleted", Integer, nullable=False, default=0),
    Column("worker", String(200), nullable=False, default=""),  # process.own_token()
    Column("claim", String(40), nullable=False, default=""),  # another random token for each claim
    Column("created", Float, nullable=False),
    Column("queued", Float, nullable=False),
    Column("started", Float),
    Column("ended", Float),
    Column("beats", Integer, nullable=False, default=0),  # signs of life of its worker
    Column("error", Text, nullable=False, default=""),
    Column("step", Integer, nullable=False, default=0),
    Column("num_steps", Integer, nullable=False),
    Column("tokens_seen", Integer, nullable=False, default=0),
    Column("tokens_per_sec", Float, nullable=False, default=0.0),
    Column("seconds", Float, nullable=False, default=0.0),
    Column("last_loss", Float),
    Column("last_val", Float),
    Index("runs_by_created", "created"),
    Index("runs_by_status", "status"),
)

steps = Table(  # one row for each StepDone
    "steps",
    metadata,
    Column("run_id", String(80), primary_key=True),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("tokens_seen", Integer, nullable=False),
    Column("loss", Float),
    Column("lr", Float),
    Column("grad_norm", Float),
    Column("tokens_per_sec", Float),
)

events = Table(  # all other events, which are rarer
    "events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String(80), nullable=False),
    Column("type", String(20), nullable=False),
    Column("step", Integer, nullable=False),
    Column("time", Float, nullable=False),
    Column("payload", Text, nullable=False),  # JSON
    Index("events_by_run", "run_id", "type", "seq"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("question", Text, nullable=False),  # JSON
    Column("run_id", String(80), nullable=False, default=""),
    Column("owner", String(80), nullable=False, default=""),  # who asked first
    Column("status", String(20), nullable=False),
    Column("worker", String(200), nullable=False, default=""),
    Column("created", Float, nullable=False),
    Column("beats", Integer, nullable=False, default=0),  # signs of life of its worker
    Column("ended", Float),
    Column("answer", Text),  # JSON
    Column("error", Text, nullable=False, default=""),
    Index("jobs_by_run", "run_id"),
    Index("jobs_by_status", "status", "ended"),
)

workers = Table(
    "workers",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("queue", String(10), nullable=False),
    Column("host", String(200), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started", Float, nullable=False),
    Column("beats", Integer, nullable=False, default=0),  # its signs of life
    Column("version", String(40), nullable=False, default=""),  # of its program
)

dials = Table(  # numbers that change while a run trains or a job is done; run_id may be a job's
    "dials",
    metadata,
    Column("run_id", String(80), primary_key=True),
    Column("name", String(20), primary_key=True),
    Column("value", Float, nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("owner", String(80), primary_key=True),
    Column("key", String(120), primary_key=True),
    Column("value", Text, nullable=False),  # JSON
    Column("time", Float, nullable=False),
)

learners = Table(
    "learners",
    metadata,
    Column("name", String(80), primary_key=True),  # as tinylm.learners.name_of makes it
    Column("shown", String(40), nullable=False, default=""),  # how the learner wants to be called
    Column("place", String(40), nullable=False, default=""),  # the path of the page seen last
    Column("created", Float, nullable=False),
    Column("seen", Float, nullable=False),
    Index("learners_by_seen", "seen"),
)

turns = Table(  # when each learner was served last
    "turns",
    metadata,
    Column("owner", String(80), primary_key=True),  # "" for the whole class
    Column("lane", String(10), primary_key=True),  # long | short
    Column("served", Integer, nullable=False),  # grows by one with each turn of anybody
)

belongings = Table(  # texts, worlds, mixtures and tasks, whose files are named by their content
    "belongings",
    metadata,
    Column("owner", String(80), primary_key=True),  # "" for the whole class
    Column("kind", String(20), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("title", String(80), nullable=False),
    Column("created", Float, nullable=False),
    Index("belongings_by_name", "name"),
)

notes = Table(  # what holds for the whole class: its plan, whether it is paused
    "notes",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),  # JSON
    Column("time", Float, nullable=False),
)
