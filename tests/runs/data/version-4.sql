BEGIN TRANSACTION;
CREATE TABLE answers (
	owner VARCHAR(80) NOT NULL, 
	"key" VARCHAR(120) NOT NULL, 
	value TEXT NOT NULL, 
	time FLOAT NOT NULL, 
	PRIMARY KEY (owner, "key")
);
INSERT INTO "answers" VALUES('0123456789abcdef01234567','prompted','true',1700000000.0);
INSERT INTO "answers" VALUES('ada','prompted','false',1700000000.0);
CREATE TABLE dials (
	run_id VARCHAR(80) NOT NULL, 
	name VARCHAR(20) NOT NULL, 
	value FLOAT NOT NULL, 
	PRIMARY KEY (run_id, name)
);
CREATE TABLE events (
	seq INTEGER NOT NULL, 
	run_id VARCHAR(80) NOT NULL, 
	type VARCHAR(20) NOT NULL, 
	step INTEGER NOT NULL, 
	time FLOAT NOT NULL, 
	payload TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "events" VALUES(1,'world-tiny-joupz3','run_started',0,1700000000.0,'{"device":"cpu","num_parameters":1,"num_steps":60,"num_trainable":0,"precision":"fp32","step":0,"threads":1,"tokens_per_step":256,"train_tokens":1,"type":"run_started","val_bytes":1,"val_tokens":1,"vocab_size":256}');
CREATE TABLE jobs (
	id VARCHAR(40) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	question TEXT NOT NULL, 
	run_id VARCHAR(80) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	worker VARCHAR(200) NOT NULL, 
	created FLOAT NOT NULL, 
	beats INTEGER NOT NULL, 
	ended FLOAT, 
	answer TEXT, 
	error TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE runs (
	id VARCHAR(80) NOT NULL, 
	title VARCHAR(80) NOT NULL, 
	owner VARCHAR(80) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	config TEXT NOT NULL, 
	parent VARCHAR(80) NOT NULL, 
	experiment VARCHAR(80) DEFAULT '' NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	wish VARCHAR(10) NOT NULL, 
	hold_at INTEGER, 
	deleted INTEGER NOT NULL, 
	worker VARCHAR(200) NOT NULL, 
	claim VARCHAR(40) NOT NULL, 
	created FLOAT NOT NULL, 
	queued FLOAT NOT NULL, 
	started FLOAT, 
	ended FLOAT, 
	beats INTEGER NOT NULL, 
	error TEXT NOT NULL, 
	step INTEGER NOT NULL, 
	num_steps INTEGER NOT NULL, 
	tokens_seen INTEGER NOT NULL, 
	tokens_per_sec FLOAT NOT NULL, 
	seconds FLOAT NOT NULL, 
	last_loss FLOAT, 
	last_val FLOAT, 
	PRIMARY KEY (id)
);
INSERT INTO "runs" VALUES('world-tiny-joupz3','A run of a learner','0123456789abcdef01234567','pretrain','{"corpus":"world","documents":400,"experiment":"","init":"random","kind":"pretrain","lora_matrices":"all","lora_rank":8,"method":"full","model":{"block_size":64,"n_embd":32,"n_head":2,"n_layer":1,"vocab_size":512},"num_examples":0,"num_generations":8,"parent":"","parent_step":-1,"preset":"tiny","replay":0.0,"sample_prompt":"","task":"","temperature":1.0,"text":{"bare_tables":0.0,"bars":0.0,"biographies":0.0,"chain_ends":0.0,"chains":0.0,"info_boxes":0.27,"leaked":0.0,"leaked_copies":16,"orders":0,"parallel":0.06,"passes":1,"patterns":0,"planted":"","practice":0,"prose":0.28,"reviews":0.055,"sheets":"all","sheets_from":0.0,"sheets_until":1.0,"shuffled":0.0,"tables":"all","untold":0.0,"worksheets":0.335,"wrong":0.0,"wrong_worlds":0,"zipf":0.0},"train":{"activation_checkpointing":"off","batch_size":4,"checkpoint_interval":20,"compile":"off","cooldown":0.8,"device":"auto","eval_interval":20,"grad_clip":1.0,"learning_rate":0.014,"micro_batch_size":0,"muon_lr":0.02,"patience":0,"precision":"auto","seed":1,"steps":60,"threads":0,"warmup":0.02,"weight_decay":0.0},"version":1}','','','queued','run',NULL,0,'','',1700000000.0,1700000000.0,NULL,NULL,0,'',1,60,100,1000.0,0.0,5.0,NULL);
INSERT INTO "runs" VALUES('world-tiny-4swlod','From the terminal','','pretrain','{"corpus":"world","documents":400,"experiment":"","init":"random","kind":"pretrain","lora_matrices":"all","lora_rank":8,"method":"full","model":{"block_size":64,"n_embd":32,"n_head":2,"n_layer":1,"vocab_size":512},"num_examples":0,"num_generations":8,"parent":"","parent_step":-1,"preset":"tiny","replay":0.0,"sample_prompt":"","task":"","temperature":1.0,"text":{"bare_tables":0.0,"bars":0.0,"biographies":0.0,"chain_ends":0.0,"chains":0.0,"info_boxes":0.27,"leaked":0.0,"leaked_copies":16,"orders":0,"parallel":0.06,"passes":1,"patterns":0,"planted":"","practice":0,"prose":0.28,"reviews":0.055,"sheets":"all","sheets_from":0.0,"sheets_until":1.0,"shuffled":0.0,"tables":"all","untold":0.0,"worksheets":0.335,"wrong":0.0,"wrong_worlds":0,"zipf":0.0},"train":{"activation_checkpointing":"off","batch_size":4,"checkpoint_interval":20,"compile":"off","cooldown":0.8,"device":"auto","eval_interval":20,"grad_clip":1.0,"learning_rate":0.014,"micro_batch_size":0,"muon_lr":0.02,"patience":0,"precision":"auto","seed":1,"steps":60,"threads":0,"warmup":0.02,"weight_decay":0.0},"version":1}','','','queued','run',NULL,0,'','',1700000000.0,1700000000.0,NULL,NULL,0,'',0,60,0,0.0,0.0,NULL,NULL);
CREATE TABLE steps (
	run_id VARCHAR(80) NOT NULL, 
	step INTEGER NOT NULL, 
	tokens_seen INTEGER NOT NULL, 
	loss FLOAT, 
	lr FLOAT, 
	grad_norm FLOAT, 
	tokens_per_sec FLOAT, 
	PRIMARY KEY (run_id, step)
);
INSERT INTO "steps" VALUES('world-tiny-joupz3',1,100,5.0,0.01,1.0,1000.0);
CREATE TABLE tinylm_meta (
	"key" VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "tinylm_meta" VALUES('schema','4');
CREATE TABLE workers (
	id VARCHAR(200) NOT NULL, 
	queue VARCHAR(10) NOT NULL, 
	host VARCHAR(200) NOT NULL, 
	pid INTEGER NOT NULL, 
	started FLOAT NOT NULL, 
	beats INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX runs_by_status ON runs (status);
CREATE INDEX runs_by_created ON runs (created);
CREATE INDEX events_by_run ON events (run_id, type, seq);
CREATE INDEX jobs_by_run ON jobs (run_id);
CREATE INDEX jobs_by_status ON jobs (status, ended);
COMMIT;
