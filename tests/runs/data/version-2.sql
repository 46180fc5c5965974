BEGIN TRANSACTION;
CREATE TABLE answers (
	owner VARCHAR(80) NOT NULL, 
	"key" VARCHAR(120) NOT NULL, 
	value TEXT NOT NULL, 
	time FLOAT NOT NULL, 
	PRIMARY KEY (owner, "key")
);
INSERT INTO "answers" VALUES('ada','prompted','true',1764300015.0);
CREATE TABLE dials (
	run_id VARCHAR(80) NOT NULL, 
	name VARCHAR(20) NOT NULL, 
	value FLOAT NOT NULL, 
	PRIMARY KEY (run_id, name)
);
INSERT INTO "dials" VALUES('world-tiny-zwqmh2','lr_factor',0.5);
CREATE TABLE events (
	seq INTEGER NOT NULL, 
	run_id VARCHAR(80) NOT NULL, 
	type VARCHAR(20) NOT NULL, 
	step INTEGER NOT NULL, 
	time FLOAT NOT NULL, 
	payload TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "events" VALUES(1,'world-tiny-ptdugu','run_started',0,1764300004.0,'{"device":"cpu","num_parameters":1,"num_steps":60,"num_trainable":0,"precision":"fp32","step":0,"threads":1,"tokens_per_step":256,"train_tokens":1,"type":"run_started","val_bytes":1,"val_tokens":1,"vocab_size":256}');
INSERT INTO "events" VALUES(2,'world-tiny-ptdugu','eval',1,1764300005.0,'{"bits_per_byte":1.4,"loss":1.0,"num_tokens":100,"perplexity":2.7,"step":1,"tokens_seen":100,"type":"eval"}');
INSERT INTO "events" VALUES(3,'world-tiny-ptdugu','run_ended',1,1764300006.0,'{"reason":"done","seconds":0.5,"step":1,"type":"run_ended"}');
CREATE TABLE jobs (
	id VARCHAR(40) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	question TEXT NOT NULL, 
	run_id VARCHAR(80) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	worker VARCHAR(200) NOT NULL, 
	created FLOAT NOT NULL, 
	heartbeat FLOAT, 
	ended FLOAT, 
	answer TEXT, 
	error TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "jobs" VALUES('e2af7aabe40c4b8f31c29d8b','sample','{"kind":"sample","num_tokens":100,"prompt":"a","run":"world-tiny-ptdugu","seed":1,"step":1,"temperature":0.8,"top_k":0,"top_p":1.0}','world-tiny-ptdugu','done','computer:1:1764300000',1764300011.0,1764300012.0,1764300013.0,'{"num_tokens":1,"text":" b"}','');
CREATE TABLE runs (
	id VARCHAR(80) NOT NULL, 
	title VARCHAR(80) NOT NULL, 
	owner VARCHAR(80) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	config TEXT NOT NULL, 
	parent VARCHAR(80) NOT NULL, 
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
	heartbeat FLOAT, 
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
INSERT INTO "runs" VALUES('world-tiny-ptdugu','A run that is done','ada','pretrain','{"corpus":"world","documents":400,"init":"random","kind":"pretrain","lora_matrices":"all","lora_rank":8,"method":"full","model":{"block_size":64,"n_embd":32,"n_head":2,"n_layer":1,"vocab_size":512},"num_examples":0,"parent":"","parent_step":-1,"preset":"tiny","replay":0.0,"sample_prompt":"","task":"","train":{"batch_size":4,"checkpoint_interval":20,"cooldown":0.8,"device":"auto","eval_interval":20,"grad_clip":1.0,"learning_rate":0.014,"muon_lr":0.02,"precision":"auto","seed":1,"steps":60,"threads":0,"warmup":0.02,"weight_decay":0.0},"version":1}','','done','run',NULL,0,'','',1764300001.0,1764300001.0,1764300002.0,1764300007.0,1764300003.0,'',1,60,100,1000.0,5.0,5.0,1.0);
INSERT INTO "runs" VALUES('world-tiny-zwqmh2','A run whose worker was killed','','pretrain','{"corpus":"world","documents":400,"init":"random","kind":"pretrain","lora_matrices":"all","lora_rank":8,"method":"full","model":{"block_size":64,"n_embd":32,"n_head":2,"n_layer":1,"vocab_size":512},"num_examples":0,"parent":"","parent_step":-1,"preset":"tiny","replay":0.0,"sample_prompt":"","task":"","train":{"batch_size":4,"checkpoint_interval":20,"cooldown":0.8,"device":"auto","eval_interval":20,"grad_clip":1.0,"learning_rate":0.014,"muon_lr":0.02,"precision":"auto","seed":1,"steps":60,"threads":0,"warmup":0.02,"weight_decay":0.0},"version":1}','','running','run',NULL,0,'computer:2:1764300000','36ff3622034ce3cb',1764300008.0,1764300008.0,1764300009.0,NULL,1764300009.0,'',0,60,0,0.0,0.0,NULL,NULL);
INSERT INTO "runs" VALUES('world-tiny-e6ytrj','A run that waits','','pretrain','{"corpus":"world","documents":400,"init":"random","kind":"pretrain","lora_matrices":"all","lora_rank":8,"method":"full","model":{"block_size":64,"n_embd":32,"n_head":2,"n_layer":1,"vocab_size":512},"num_examples":0,"parent":"","parent_step":-1,"preset":"tiny","replay":0.0,"sample_prompt":"","task":"","train":{"batch_size":4,"checkpoint_interval":20,"cooldown":0.8,"device":"auto","eval_interval":20,"grad_clip":1.0,"learning_rate":0.014,"muon_lr":0.02,"precision":"auto","seed":1,"steps":60,"threads":0,"warmup":0.02,"weight_decay":0.0},"version":1}','','queued','run',1,0,'','',1764300010.0,1764300010.0,NULL,NULL,NULL,'',0,60,0,0.0,0.0,NULL,NULL);
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
INSERT INTO "steps" VALUES('world-tiny-ptdugu',1,100,5.0,0.01,1.0,1000.0);
CREATE TABLE tinylm_meta (
	"key" VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "tinylm_meta" VALUES('schema','2');
CREATE TABLE workers (
	id VARCHAR(200) NOT NULL, 
	queue VARCHAR(10) NOT NULL, 
	host VARCHAR(200) NOT NULL, 
	pid INTEGER NOT NULL, 
	started FLOAT NOT NULL, 
	heartbeat FLOAT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "workers" VALUES('computer:1:1764300000','long','vm',1,1764300014.0,1764300014.0);
CREATE INDEX runs_by_status ON runs (status);
CREATE INDEX runs_by_created ON runs (created);
CREATE INDEX events_by_run ON events (run_id, type, seq);
CREATE INDEX jobs_by_status ON jobs (status, ended);
CREATE INDEX jobs_by_run ON jobs (run_id);
COMMIT;
