BEGIN TRANSACTION;
CREATE TABLE answers (
	owner VARCHAR(80) NOT NULL, 
	"key" VARCHAR(120) NOT NULL, 
	value TEXT NOT NULL, 
	time FLOAT NOT NULL, 
	PRIMARY KEY (owner, "key")
);
INSERT INTO "answers" VALUES('ada','predicted/perplexity','"about 40"',1.79584510364736723905e+09);
INSERT INTO "answers" VALUES('ada','prompted','true',1.79584510364783954622e+09);
INSERT INTO "answers" VALUES('bob','labels','{"guess": 3, "of": [1, 2.5, null]}',1.79584510364808464053e+09);
CREATE TABLE dials (
	run_id VARCHAR(80) NOT NULL, 
	name VARCHAR(20) NOT NULL, 
	value FLOAT NOT NULL, 
	PRIMARY KEY (run_id, name)
);
INSERT INTO "dials" VALUES('world-tiny-lwiaw5','lr_factor',0.5);
CREATE TABLE events (
	seq INTEGER NOT NULL, 
	run_id VARCHAR(80) NOT NULL, 
	type VARCHAR(20) NOT NULL, 
	step INTEGER NOT NULL, 
	time FLOAT NOT NULL, 
	payload TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "events" VALUES(1,'world-tiny-sqyolx','preparing',0,1.79584507778854346278e+09,'{"stage": "Reading the corpus", "step": 0, "type": "preparing"}');
INSERT INTO "events" VALUES(2,'world-tiny-sqyolx','preparing',0,1.79584507842605662353e+09,'{"stage": "Learning the vocabulary", "step": 0, "type": "preparing"}');
INSERT INTO "events" VALUES(3,'world-tiny-sqyolx','preparing',0,1.79584507854560232161e+09,'{"stage": "Turning text into tokens", "step": 0, "type": "preparing"}');
INSERT INTO "events" VALUES(4,'world-tiny-sqyolx','run_started',0,1.7958450794046752453e+09,'{"device": "cpu", "num_parameters": 29824, "num_steps": 40, "num_trainable": 29824, "precision": "bf16", "step": 0, "threads": 2, "tokens_per_step": 256, "train_tokens": 36111, "type": "run_started", "val_bytes": 23649, "val_tokens": 11879, "vocab_size": 512}');
INSERT INTO "events" VALUES(5,'world-tiny-sqyolx','eval',0,1.79584508220443511009e+09,'{"bits_per_byte": 4.52633893505235, "loss": 6.246049634835687, "num_tokens": 11879, "perplexity": 515.9705214288012, "step": 0, "tokens_seen": 0, "type": "eval"}');
INSERT INTO "events" VALUES(6,'world-tiny-sqyolx','sample',0,1.79584508283358788493e+09,'{"prompt": "The capital of", "seed": 1, "step": 0, "temperature": 0.8, "text": "ut�� C\u000fgo�utia� thatre opposite��� h� ab in�cה�re neigh young\u0006oundandbe langu\u0016\f� ab� j� learn�ace cw Nxig��\n� young�aniater�W Africang", "type": "sample"}');
INSERT INTO "events" VALUES(7,'world-tiny-sqyolx','odds',0,1.7958450831064903736e+09,'{"probabilities": [0.0033129362855106592, 0.002696424024179578, 0.0026641807053238153, 0.00263987947255373, 0.0026281331665813923, 0.00262130587361753, 0.0025711054913699627, 0.0025662435218691826], "prompt": "The capital of France is", "step": 0, "tokens": [" is", " to", "�", "�", " ", "�", " tast", " capital"], "type": "odds"}');
INSERT INTO "events" VALUES(8,'world-tiny-sqyolx','probe',0,1.79584508465753698346e+09,'{"correct": 17, "name": "grammar", "num_items": 60, "step": 0, "type": "probe"}');
INSERT INTO "events" VALUES(9,'world-tiny-sqyolx','probe',0,1.79584508583134722708e+09,'{"correct": 30, "name": "meaning", "num_items": 60, "step": 0, "type": "probe"}');
INSERT INTO "events" VALUES(10,'world-tiny-sqyolx','probe',0,1.79584508592237281805e+09,'{"correct": 30, "name": "facts", "num_items": 60, "step": 0, "type": "probe"}');
INSERT INTO "events" VALUES(11,'world-tiny-sqyolx','eval',20,1.7958450876337213516e+09,'{"bits_per_byte": 3.6741436972257633, "loss": 5.070076330491455, "num_tokens": 11879, "perplexity": 159.1864776616442, "step": 20, "tokens_seen": 5120, "type": "eval"}');
INSERT INTO "events" VALUES(12,'world-tiny-sqyolx','sample',20,1.79584508769427490231e+09,'{"prompt": "The capital of", "seed": 1, "step": 20, "temperature": 0.8, "text": " nhsam\n to� dle | capital the con c soris storsg | suheicaad", "type": "sample"}');
INSERT INTO "events" VALUES(13,'world-tiny-sqyolx','odds',20,1.79584508770798754692e+09,'{"probabilities": [0.04097829759120941, 0.021547416225075722, 0.01982876844704151, 0.01778005063533783, 0.01592308096587658, 0.01552432682365179, 0.013984152115881443, 0.013811732642352581], "prompt": "The capital of France is", "step": 20, "tokens": [" |", "\n", " ", " a", " is", " the", "y", ","], "type": "odds"}');
INSERT INTO "events" VALUES(14,'world-tiny-sqyolx','probe',20,1.79584508774225950242e+09,'{"correct": 27, "name": "grammar", "num_items": 60, "step": 20, "type": "probe"}');
INSERT INTO "events" VALUES(15,'world-tiny-sqyolx','probe',20,1.79584508787189126013e+09,'{"correct": 30, "name": "meaning", "num_items": 60, "step": 20, "type": "probe"}');
INSERT INTO "events" VALUES(16,'world-tiny-sqyolx','probe',20,1.79584508791255688668e+09,'{"correct": 29, "name": "facts", "num_items": 60, "step": 20, "type": "probe"}');
INSERT INTO "events" VALUES(17,'world-tiny-sqyolx','checkpoint',20,1.79584508792974972728e+09,'{"name": "step-000020", "step": 20, "type": "checkpoint"}');
INSERT INTO "events" VALUES(18,'world-tiny-sqyolx','checkpoint',40,1.79584508955730104452e+09,'{"name": "step-000040", "step": 40, "type": "checkpoint"}');
INSERT INTO "events" VALUES(19,'world-tiny-sqyolx','eval',40,1.7958450917315840721e+09,'{"bits_per_byte": 3.430983911179623, "loss": 4.869367945400633, "num_tokens": 119967, "perplexity": 130.2385729872053, "step": 40, "tokens_seen": 10240, "type": "eval"}');
INSERT INTO "events" VALUES(20,'world-tiny-sqyolx','sample',40,1.79584509174293732638e+09,'{"prompt": "The capital of", "seed": 1, "step": 40, "temperature": 0.8, "text": "amksia\nouryor | kind kind h frts | kindoldasle | kind is kindranad\nour poldet\n", "type": "sample"}');
INSERT INTO "events" VALUES(21,'world-tiny-sqyolx','odds',40,1795845091.74437,'{"probabilities": [0.03866433724761009, 0.032542821019887924, 0.032280854880809784, 0.031146906316280365, 0.022946672514081, 0.019818216562271118, 0.018582653254270554, 0.01724966987967491], "prompt": "The capital of France is", "step": 40, "tokens": [" ", " |", " the", " a", " is", "\n", " that", "."], "type": "odds"}');
INSERT INTO "events" VALUES(22,'world-tiny-sqyolx','probe',40,1.79584509177938222881e+09,'{"correct": 29, "name": "grammar", "num_items": 60, "step": 40, "type": "probe"}');
INSERT INTO "events" VALUES(23,'world-tiny-sqyolx','probe',40,1.7958450918027489186e+09,'{"correct": 30, "name": "meaning", "num_items": 60, "step": 40, "type": "probe"}');
INSERT INTO "events" VALUES(24,'world-tiny-sqyolx','probe',40,1.79584509183770537374e+09,'{"correct": 32, "name": "facts", "num_items": 60, "step": 40, "type": "probe"}');
INSERT INTO "events" VALUES(25,'world-tiny-sqyolx','run_ended',40,1.79584509183856630325e+09,'{"reason": "done", "seconds": 12.437020486000165, "step": 40, "type": "run_ended"}');
INSERT INTO "events" VALUES(26,'questions-base-hxeqca','preparing',0,1.79584509188700366024e+09,'{"stage": "Loading the model to start from", "step": 0, "type": "preparing"}');
INSERT INTO "events" VALUES(27,'questions-base-hxeqca','run_started',0,1.79584509269732666009e+09,'{"device": "cpu", "num_parameters": 29824, "num_steps": 10, "num_trainable": 29824, "precision": "bf16", "step": 0, "threads": 2, "tokens_per_step": 512, "train_tokens": 347, "type": "run_started", "val_bytes": 4181, "val_tokens": 2427, "vocab_size": 512}');
INSERT INTO "events" VALUES(28,'questions-base-hxeqca','eval',0,1.79584509372939682002e+09,'{"bits_per_byte": 3.885919837160874, "loss": 4.64012510038768, "num_tokens": 2427, "perplexity": 103.55730183157961, "step": 0, "tokens_seen": 0, "type": "eval"}');
INSERT INTO "events" VALUES(29,'questions-base-hxeqca','sample',0,1.79584509392198300357e+09,'{"prompt": "Question: What is a young cow called?\nAnswer:", "seed": 1, "step": 0, "temperature": 0.8, "text": "enbu A\n Clad | kind country a Tk | kind kind kindmerngle | kind wer mut\nidercead\n", "type": "sample"}');
INSERT INTO "events" VALUES(30,'questions-base-hxeqca','odds',0,1.79584509411630225176e+09,'{"probabilities": [0.09933382272720337, 0.023524926975369453, 0.023068437352776527, 0.02121814899146557, 0.018569014966487885, 0.015984565019607544, 0.015264369547367096, 0.014538543298840523], "prompt": "Question: What is a young cow called?\nAnswer:", "step": 0, "tokens": ["\n", " ", " |", " f", " b", " the", ":", "l"], "type": "odds"}');
INSERT INTO "events" VALUES(31,'questions-base-hxeqca','checkpoint',10,1.79584509959616112715e+09,'{"name": "step-000010", "step": 10, "type": "checkpoint"}');
INSERT INTO "events" VALUES(32,'questions-base-hxeqca','eval',10,1.79584510322541570661e+09,'{"bits_per_byte": 3.734095585344366, "loss": 4.458833784245639, "num_tokens": 2427, "perplexity": 86.3867047918748, "step": 10, "tokens_seen": 2928, "type": "eval"}');
INSERT INTO "events" VALUES(33,'questions-base-hxeqca','sample',10,1.79584510343399763104e+09,'{"prompt": "Question: What is a young cow called?\nAnswer:", "seed": 1, "step": 10, "temperature": 0.8, "text": " Nekor\nngl Aroananu | kind kind kind coouoreing. wwewia A", "type": "sample"}');
INSERT INTO "events" VALUES(34,'questions-base-hxeqca','odds',10,1.79584510362142038344e+09,'{"probabilities": [0.039533764123916626, 0.02547905407845974, 0.023268623277544975, 0.022512337192893028, 0.019685279577970505, 0.01734718307852745, 0.016699761152267456, 0.014305641874670982], "prompt": "Question: What is a young cow called?\nAnswer:", "step": 10, "tokens": ["\n", " b", " ", " the", " f", " g", " kind", " language"], "type": "odds"}');
INSERT INTO "events" VALUES(35,'questions-base-hxeqca','run_ended',10,1.79584510362210178369e+09,'{"reason": "done", "seconds": 10.930418343999918, "step": 10, "type": "run_ended"}');
INSERT INTO "events" VALUES(36,'world-tiny-lwiaw5','run_started',0,1.79584510363896346094e+09,'{"device": "cpu", "num_parameters": 1000, "num_steps": 60, "num_trainable": 0, "precision": "fp32", "step": 0, "threads": 1, "tokens_per_step": 256, "train_tokens": 900, "type": "run_started", "val_bytes": 300, "val_tokens": 90, "vocab_size": 512}');
INSERT INTO "events" VALUES(37,'world-tiny-lwiaw5','eval',2,1.79584510363928699498e+09,'{"bits_per_byte": null, "loss": null, "num_tokens": 90, "perplexity": null, "step": 2, "tokens_seen": 512, "type": "eval"}');
CREATE TABLE jobs (
	id VARCHAR(40) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	params TEXT NOT NULL, 
	run_id VARCHAR(80) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	worker VARCHAR(200) NOT NULL, 
	created FLOAT NOT NULL, 
	heartbeat FLOAT, 
	ended FLOAT, 
	result TEXT, 
	error TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "jobs" VALUES('f53f565a7e835cf9b8ac6428','odds','{"prompt": "Ghana ->", "run": "world-tiny-sqyolx", "step": 40, "top": 3}','world-tiny-sqyolx','done','here:1:1',1.79584510365274906164e+09,1.79584510365410280228e+09,1.7958451036602034569e+09,'{"num_tokens": 6, "tokens": [{"probability": 0.07509303838014603, "text": "\n"}, {"probability": 0.06826302409172058, "text": " |"}, {"probability": 0.023131953552365303, "text": "."}]}','');
CREATE TABLE runs (
	id VARCHAR(80) NOT NULL, 
	title VARCHAR(80) NOT NULL, 
	owner VARCHAR(80) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	config TEXT NOT NULL, 
	parent VARCHAR(80) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	wish VARCHAR(10) NOT NULL, 
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
INSERT INTO "runs" VALUES('world-tiny-sqyolx','world, a few seconds','ada','pretrain','{"corpus": "world", "documents": 400, "init": "random", "kind": "pretrain", "lora_matrices": "all", "lora_rank": 8, "method": "full", "model": {"block_size": 64, "n_embd": 32, "n_head": 2, "n_layer": 1, "vocab_size": 512}, "num_examples": 0, "parent": "", "parent_step": -1, "preset": "tiny", "replay": 0.0, "sample_prompt": "", "task": "", "train": {"batch_size": 4, "checkpoint_interval": 20, "cooldown": 0.8, "device": "auto", "eval_interval": 20, "grad_clip": 1.0, "learning_rate": 0.014, "muon_lr": 0.02, "precision": "auto", "seed": 1, "steps": 40, "threads": 0, "warmup": 0.02, "weight_decay": 0.0}, "version": 1}','','done','run',0,'','',1.79584507777756452557e+09,1.79584507777756452557e+09,1.7958450777775485515e+09,1.79584509186093378065e+09,1.79584509185505056382e+09,'',40,40,10240,4.20656390557117447308e+03,1.40833852291107177734e+01,4.94970941543579101562e+00,4.86936794540063289105e+00);
INSERT INTO "runs" VALUES('questions-base-hxeqca','questions, 10 examples, from base','ada','finetune','{"corpus": "world", "documents": 400, "init": "base", "kind": "finetune", "lora_matrices": "all", "lora_rank": 8, "method": "full", "model": {"block_size": 64, "n_embd": 32, "n_head": 2, "n_layer": 1, "vocab_size": 512}, "num_examples": 10, "parent": "world-tiny-sqyolx", "parent_step": -1, "preset": "", "replay": 0.0, "sample_prompt": "", "task": "questions", "train": {"batch_size": 8, "checkpoint_interval": 10, "cooldown": 0.8, "device": "auto", "eval_interval": 10, "grad_clip": 1.0, "learning_rate": 0.0007, "muon_lr": 0.0, "precision": "auto", "seed": 1, "steps": 10, "threads": 0, "warmup": 0.1, "weight_decay": 0.0}, "version": 1}','world-tiny-sqyolx','done','run',0,'','',1.79584509187402105324e+09,1.79584509187402105324e+09,1.7958450918740024567e+09,1.79584510362982511522e+09,1.79584510362190175056e+09,'',10,10,2928,5.3566174930139607113e+02,1.17558226585388183595e+01,3.98495912551879882812e+00,4.45883378424563936448e+00);
INSERT INTO "runs" VALUES('world-tiny-lwiaw5','Rests','bob','pretrain','{"corpus": "world", "documents": 400, "init": "random", "kind": "pretrain", "lora_matrices": "all", "lora_rank": 8, "method": "full", "model": {"block_size": 64, "n_embd": 32, "n_head": 2, "n_layer": 1, "vocab_size": 512}, "num_examples": 0, "parent": "", "parent_step": -1, "preset": "tiny", "replay": 0.0, "sample_prompt": "", "task": "", "train": {"batch_size": 4, "checkpoint_interval": 20, "cooldown": 0.8, "device": "auto", "eval_interval": 20, "grad_clip": 1.0, "learning_rate": 0.014, "muon_lr": 0.02, "precision": "auto", "seed": 2, "steps": 60, "threads": 0, "warmup": 0.02, "weight_decay": 0.0}, "version": 1}','','paused','pause',0,'','',1795845103.63183,1795845103.63183,1.7958451036370475292e+09,1.79584510364107322695e+09,1.79584510363851761823e+09,'',2,60,512,100.0,4.0256977081298828125e-03,NULL,NULL);
INSERT INTO "runs" VALUES('world-tiny-oqrixf','Waits for one step','bob','pretrain','{"corpus": "world", "documents": 400, "init": "random", "kind": "pretrain", "lora_matrices": "all", "lora_rank": 8, "method": "full", "model": {"block_size": 64, "n_embd": 32, "n_head": 2, "n_layer": 1, "vocab_size": 512}, "num_examples": 0, "parent": "", "parent_step": -1, "preset": "tiny", "replay": 0.0, "sample_prompt": "", "task": "", "train": {"batch_size": 4, "checkpoint_interval": 20, "cooldown": 0.8, "device": "auto", "eval_interval": 20, "grad_clip": 1.0, "learning_rate": 0.014, "muon_lr": 0.02, "precision": "auto", "seed": 3, "steps": 60, "threads": 0, "warmup": 0.02, "weight_decay": 0.0}, "version": 1}','','queued','to1',0,'','',1.79584510364192318919e+09,1.79584510364364385607e+09,NULL,1.79584510364276051519e+09,NULL,'',0,60,0,0.0,0.0,NULL,NULL);
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
INSERT INTO "steps" VALUES('world-tiny-sqyolx',1,256,6.2551975250244140625e+00,7.77777777777777842155e-03,2.87435714445758661028e+00,7.14522345984921230426e+02);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',2,512,6.20658969879150390625e+00,0.014,2.91642131525686565396e+00,1.09219434862931097991e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',3,768,6.16308069229126,0.014,3.22965373251371357099e+00,1.44672838069971294318e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',4,1024,5.90741872787475585937e+00,0.014,3.24456097133065712867e+00,1.92798341424632417324e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',5,1280,5.77856302261352539062e+00,0.014,3.09002661659711,2.39628581204066404101e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',6,1536,5.53575038909912109375e+00,0.014,1.92269338533833233917e+00,2.52050953660374170797e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',7,1792,5.55006551742553710937e+00,0.014,1.81816908266303256525e+00,2740.67337153642);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',8,2048,5.36932802200317382812e+00,0.014,1.3396208443666253185e+00,3.04910411610615756207e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',9,2304,5.2516231536865234375e+00,1.35757575757575760927e-02,1.31713662211180948524e+00,3.42784214556228243966e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',10,2560,5.16638278961181640625e+00,1.3151515151515151894e-02,1.01237869867310292804e+00,3.69295246742264589561e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',11,2816,5.33124494552612304687e+00,1.27272727272727276953e-02,1.09781375894098109924e+00,3.38232334239560259456e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',12,3072,5.08670806884765625e+00,1.23030303030303034966e-02,9.8190049756662378666e-01,3.2032146166483448724e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',13,3328,5.71464252471923828125e+00,1.18787878787878792979e-02,1.95202083982175578213e+00,3.4006174548518042684e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',14,3584,5.49147891998291,1.14545454545454550993e-02,1.75053435217431174741e+00,2.9342864824700423015e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',15,3840,5.09842920303344726562e+00,1.10303030303030309006e-02,1.42795498947834964553e+00,3.06119556400882675013e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',16,4096,5.23274087905883789062e+00,1.06060606060606067019e-02,1.27896672419789969588e+00,3.06125173681044088886e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',17,4352,5.0835590362548828125e+00,1.01818181818181825032e-02,1.29405485473619319414e+00,3.28818892198307912615e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',18,4608,5.14338254928588867187e+00,9.75757575757575830455e-03,1.11783909173942785919e+00,3.41075755419597771841e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',19,4864,5.2346973419189453125e+00,9.33333333333333237114e-03,1.17703776269386706232e+00,3.64293438095882447661e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',20,5120,5.26369953155517578125e+00,0.00890909090909091,1.07007106887029168618e+00,3.82221943436936589929e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',21,5376,5.3321685791015625e+00,8.48484848484848570848e-03,1.48292436075638311976e+00,2.29521620719466955045e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',22,5632,4.949985504150390625e+00,8.06060606060606150979e-03,1.07647359399802100554e+00,1.95357152425732056143e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',23,5888,4.98915719985961914062e+00,7.63636363636363557638e-03,1.34340464349903232488e+00,1.997565114880694864e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',24,6144,5.12946271896362304687e+00,7.21212121212121224506e-03,1.18982691632945236648e+00,1.99053128254643888796e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',25,6400,4.850849151611328125e+00,6.78787878787878804637e-03,1.12955430484191099438e+00,2.12169615032568663077e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',26,6656,5.0067577362060546875e+00,6.36363636363636384768e-03,1.17004921260258232251e+00,2.26059173246054842813e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',27,6912,5.17140150070190429687e+00,0.00593939393939394,1.23065338010154956549e+00,2.40541284201707139794e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',28,7168,5.01472997665405273437e+00,5.5151515151515154503e-03,1.35064636224837486544e+00,2.55617866399471176911e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',29,7424,4.911960601806640625e+00,5.09090909090909125161e-03,1.68525247781485876252e+00,2.72710047714274787713e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',30,7680,5.23839807510376,4.66666666666666618557e-03,1.17316789175689861757e+00,2.88974255378935094987e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',31,7936,4.9698772430419921875e+00,4.24242424242424285424e-03,1.49228190217558420727e+00,3.05848826495959974633e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',32,8192,4.85506916046142578125e+00,3.81818181818181778819e-03,1.14486045880466269508e+00,3.0624122677969430697e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',33,8448,4.9402141571044921875e+00,3.39393939393939402318e-03,1.15379455427895138974e+00,3.23006982292756083543e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',34,8704,4.80277347564697265625e+00,0.00296969696969697,1.11159460299256,3.1937047407633954207e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',35,8960,4.8309764862060546875e+00,2.5454545454545456258e-03,9.85831673857008317085e-01,3.36410506143071279445e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',36,9216,5.00308322906494140625e+00,2.12121212121212142712e-03,1.19187999198132477118e+00,3.54234331560814780454e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',37,9472,4.72204160690307617187e+00,1.69696969696969701159e-03,1.05072916377825098521e+00,3.63057814197196967141e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',38,9728,4.95942783355712890625e+00,1.2727272727272728129e-03,1.137265481662120159e+00,3.82835197782988961986e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',39,9984,5.06581163406372070312e+00,8.48484848484848505796e-04,1.1471881664080920693e+00,4.05271560822669198393e+03);
INSERT INTO "steps" VALUES('world-tiny-sqyolx',40,10240,4.94970941543579101562e+00,4.24242424242424252898e-04,1.38366378550624857801e+00,4.20656390557117447308e+03);
INSERT INTO "steps" VALUES('questions-base-hxeqca',1,296,4.60880041122436523437e+00,0.00035,3.40409570186498422472e+00,4.93262163002315162435e+02);
INSERT INTO "steps" VALUES('questions-base-hxeqca',2,592,4.47215604782104492187e+00,0.0007,4.18168653513500743201e+00,5.13742501800536388156e+02);
INSERT INTO "steps" VALUES('questions-base-hxeqca',3,888,4.3802204132080078125e+00,6.22222222222222143619e-04,3.95035221296625760345e+00,502.142531971915);
INSERT INTO "steps" VALUES('questions-base-hxeqca',4,1184,4.22158098220825195312e+00,5.44444444444444402772e-04,2.9279509975772022301e+00,5.58217143861463114271e+02);
INSERT INTO "steps" VALUES('questions-base-hxeqca',5,1464,4.321475982666015625e+00,4.66666666666666661925e-04,2.58297965830210118909e+00,5.43339141615734888546e+02);
INSERT INTO "steps" VALUES('questions-base-hxeqca',6,1760,4.12729215621948242187e+00,3.88888888888888921077e-04,2.78744053260389534898e+00,5.41957600217768117531e+02);
INSERT INTO "steps" VALUES('questions-base-hxeqca',7,2056,4.24836540222168,3.11111111111111071809e-04,2.51490175479839717098e+00,5.42994214966334538992e+02);
INSERT INTO "steps" VALUES('questions-base-hxeqca',8,2352,4.152446746826171875e+00,2.33333333333333330962e-04,2.5709802460346162789e+00,5.38493888736646567853e+02);
INSERT INTO "steps" VALUES('questions-base-hxeqca',9,2632,4.08382177352905273437e+00,1.55555555555555535904e-04,2.75031990438296292111e+00,5.32586050085756482989e+02);
INSERT INTO "steps" VALUES('questions-base-hxeqca',10,2928,3.98495912551879882812e+00,7.77777777777777679524e-05,2.25809670716057286909e+00,5.3566174930139607113e+02);
INSERT INTO "steps" VALUES('world-tiny-lwiaw5',1,256,6.0,0.01,1.0,100.0);
INSERT INTO "steps" VALUES('world-tiny-lwiaw5',2,512,NULL,0.01,NULL,100.0);
CREATE TABLE tinylm_meta (
	"key" VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "tinylm_meta" VALUES('schema','1');
CREATE TABLE workers (
	id VARCHAR(200) NOT NULL, 
	queue VARCHAR(10) NOT NULL, 
	host VARCHAR(200) NOT NULL, 
	pid INTEGER NOT NULL, 
	started FLOAT NOT NULL, 
	heartbeat FLOAT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX runs_by_status ON runs (status);
CREATE INDEX runs_by_created ON runs (created);
CREATE INDEX events_by_run ON events (run_id, type, seq);
CREATE INDEX jobs_by_run ON jobs (run_id);
CREATE INDEX jobs_by_status ON jobs (status, ended);
COMMIT;
