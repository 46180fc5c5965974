BEGIN TRANSACTION;
CREATE TABLE answers (
	owner VARCHAR(80) NOT NULL, 
	"key" VARCHAR(120) NOT NULL, 
	value TEXT NOT NULL, 
	time FLOAT NOT NULL, 
	PRIMARY KEY (owner, "key")
);
INSERT INTO "answers" VALUES('ada','prompted','true',1.7958902027551062107e+09);
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
INSERT INTO "events" VALUES(1,'world-tiny-5o623n','preparing',0,1.79589020271823954577e+09,'{"stage":"Reading the corpus","step":0,"type":"preparing"}');
INSERT INTO "events" VALUES(2,'world-tiny-5o623n','run_started',0,1.79589020272904229163e+09,'{"device":"cpu","num_parameters":1000,"num_steps":4,"num_trainable":0,"precision":"fp32","step":0,"threads":2,"tokens_per_step":256,"train_tokens":9000,"type":"run_started","val_bytes":3000,"val_tokens":900,"vocab_size":512}');
INSERT INTO "events" VALUES(3,'world-tiny-5o623n','eval',0,1.79589020273008060455e+09,'{"bits_per_byte":2.8125,"loss":6.238324625039508,"num_tokens":900,"perplexity":511.99999999999994,"step":0,"tokens_seen":0,"type":"eval"}');
INSERT INTO "events" VALUES(4,'world-tiny-5o623n','eval',2,1.79589020273236513137e+09,'{"bits_per_byte":0.7704578275111604,"loss":1.7089301468150448,"num_tokens":900,"perplexity":5.523049463635072,"step":2,"tokens_seen":512,"type":"eval"}');
INSERT INTO "events" VALUES(5,'world-tiny-5o623n','sample',2,1.79589020274143433574e+09,'{"prompt":"Ghana -> ","seed":1,"step":2,"temperature":0.8,"text":"Accra at step 2\nPeru -> Lima","type":"sample"}');
INSERT INTO "events" VALUES(6,'world-tiny-5o623n','odds',2,1.79589020274190187451e+09,'{"probabilities":[0.6,0.3,0.1],"prompt":"Ghana ->","step":2,"tokens":[" Accra"," Lima","\n"],"type":"odds"}');
INSERT INTO "events" VALUES(7,'world-tiny-5o623n','words',2,1.79589020274227476126e+09,'{"probabilities":[0.7,0.2],"prompt":"Ghana ->","rest":0.1,"step":2,"type":"words","words":[" Accra"," Lima"]}');
INSERT INTO "events" VALUES(8,'world-tiny-5o623n','checkpoint',2,1.79589020274263143532e+09,'{"name":"step-000002","step":2,"type":"checkpoint"}');
INSERT INTO "events" VALUES(9,'world-tiny-5o623n','eval',4,1.79589020274313187599e+09,'{"bits_per_byte":0.4940974717162754,"loss":1.0959432622141876,"num_tokens":900,"perplexity":2.9920035966912164,"step":4,"tokens_seen":1024,"type":"eval"}');
INSERT INTO "events" VALUES(10,'world-tiny-5o623n','sample',4,1.79589020274357628829e+09,'{"prompt":"Ghana -> ","seed":1,"step":4,"temperature":0.8,"text":"Accra at step 4\nPeru -> Lima","type":"sample"}');
INSERT INTO "events" VALUES(11,'world-tiny-5o623n','odds',4,1.79589020274389839174e+09,'{"probabilities":[0.6,0.3,0.1],"prompt":"Ghana ->","step":4,"tokens":[" Accra"," Lima","\n"],"type":"odds"}');
INSERT INTO "events" VALUES(12,'world-tiny-5o623n','words',4,1.79589020274421310428e+09,'{"probabilities":[0.7,0.2],"prompt":"Ghana ->","rest":0.1,"step":4,"type":"words","words":[" Accra"," Lima"]}');
INSERT INTO "events" VALUES(13,'world-tiny-5o623n','checkpoint',4,1.7958902027526271343e+09,'{"name":"step-000004","step":4,"type":"checkpoint"}');
INSERT INTO "events" VALUES(14,'world-tiny-5o623n','run_ended',4,1.79589020275323510171e+09,'{"reason":"done","seconds":2.0,"step":4,"type":"run_ended"}');
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
INSERT INTO "runs" VALUES('world-tiny-5o623n','A run that is done','ada','pretrain','{"corpus":"world","documents":400,"init":"random","kind":"pretrain","lora_matrices":"all","lora_rank":8,"method":"full","model":{"block_size":64,"n_embd":32,"n_head":2,"n_layer":1,"vocab_size":512},"num_examples":0,"parent":"","parent_step":-1,"preset":"tiny","replay":0.0,"sample_prompt":"","task":"","train":{"batch_size":4,"checkpoint_interval":2,"cooldown":0.8,"device":"auto","eval_interval":2,"grad_clip":1.0,"learning_rate":0.014,"muon_lr":0.02,"patience":0,"precision":"auto","seed":1,"steps":4,"threads":0,"warmup":0.02,"weight_decay":0.0},"version":1}','','done','run',NULL,0,'','',1.79589020269169545173e+09,1.79589020269169545173e+09,1.79589020270093441006e+09,1.79589020275354194645e+09,15,'',4,4,1024,9000.0,5.0969634001376107335e-02,1.1951887317241494113e+00,1.09594326221418758571e+00);
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
INSERT INTO "steps" VALUES('world-tiny-5o623n',1,256,2.96816087405949513566e+00,0.001,1.0,9000.0);
INSERT INTO "steps" VALUES('world-tiny-5o623n',2,512,1.78385050121304478132e+00,0.001,1.0,9000.0);
INSERT INTO "steps" VALUES('world-tiny-5o623n',3,768,1.35631944537139981221e+00,0.001,1.0,9000.0);
INSERT INTO "steps" VALUES('world-tiny-5o623n',4,1024,1.1951887317241494113e+00,0.001,1.0,9000.0);
CREATE TABLE tinylm_meta (
	"key" VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "tinylm_meta" VALUES('schema','3');
CREATE TABLE workers (
	id VARCHAR(200) NOT NULL, 
	queue VARCHAR(10) NOT NULL, 
	host VARCHAR(200) NOT NULL, 
	pid INTEGER NOT NULL, 
	started FLOAT NOT NULL, 
	beats INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX runs_by_created ON runs (created);
CREATE INDEX runs_by_status ON runs (status);
CREATE INDEX events_by_run ON events (run_id, type, seq);
CREATE INDEX jobs_by_run ON jobs (run_id);
CREATE INDEX jobs_by_status ON jobs (status, ended);
COMMIT;
