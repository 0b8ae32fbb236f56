-- A workspace of schema 2 as its program left it: two runs of 40 and 39 rows of the tests' sample, and one begun.
PRAGMA application_id = 1685414252;
PRAGMA user_version = 2;
BEGIN TRANSACTION;
CREATE TABLE meta (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE runs (
  id          INTEGER PRIMARY KEY,
  service     TEXT    NOT NULL,
  month       TEXT    NOT NULL,
  state       TEXT    NOT NULL CHECK (state IN ('running', 'complete', 'incomplete', 'interrupted', 'failed')),
  started_at  TEXT    NOT NULL,
  finished_at TEXT,
  recheck_of  INTEGER,
  request     TEXT    NOT NULL,
  tally       TEXT    NOT NULL,
  digests     TEXT    NOT NULL,
  snapshots   TEXT    NOT NULL,
  recheck     TEXT,
  failure     TEXT,
  current     INTEGER NOT NULL DEFAULT 0 CHECK (current IN (0, 1)),
  -- Rows stored, and their sums by currency and verdict: what a list's heading needs without reading the rows.
  row_count   INTEGER NOT NULL DEFAULT 0,
  sums        TEXT    NOT NULL DEFAULT '[]',
  seal        INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO runs VALUES(1,'nexacloud','2026-05','complete','2024-10-04T00:00:02.000000000Z','2024-10-04T00:00:03.000000000Z',NULL,'{"service":"nexacloud","month":"2026-05","only":[],"dry_run":false,"recheck_of":null,"basis":"draft_first","actor":"ana","program":"0.1.0","config_digest":"c0ffee"}','{"counts":[7,6,4,6,0,6,7,4],"basis":{"draft":0,"rated":0,"none":0},"money":{},"source_invoices":{},"target_invoices":{},"usage":{},"rejected":0}','{"source":"s","target":"t","run":"r40"}','[]',NULL,NULL,0,40,'[["CAD",0,4,"-3999","24002"],["CAD",1,3,"1","1"],["CAD",2,3,"913","1826"],["CAD",3,5,"1828","1828"],["CAD",5,3,"4294963295","4294971295"],["CAD",6,3,"-4000","8913"],["CAD",7,2,"913","913"],["JPY",0,2,"913","914"],["JPY",1,1,"20000","20000"],["JPY",5,1,"4294967295","4294967295"],["JPY",6,3,"4294967296","4294968209"],["KWD",0,1,"0","0"],["KWD",1,2,"914","914"],["KWD",2,1,"0","20000"],["KWD",3,1,"0","0"],["KWD",5,2,"913","913"],["KWD",6,1,"0","913"],["KWD",7,2,"0","0"]]',4612327189515534284);
INSERT INTO runs VALUES(2,'nexacloud','2026-05','complete','2024-10-04T00:00:04.000000000Z','2024-10-04T00:00:05.000000000Z',1,'{"service":"nexacloud","month":"2026-05","only":[],"dry_run":false,"recheck_of":1,"basis":"draft_first","actor":"ana","program":"0.1.0","config_digest":"c0ffee"}','{"counts":[8,6,4,5,0,6,6,4],"basis":{"draft":0,"rated":0,"none":0},"money":{},"source_invoices":{},"target_invoices":{},"usage":{},"rejected":0}','{"source":"s","target":"t","run":"r39"}','[]',NULL,NULL,1,39,'[["CAD",0,5,"-3998","24003"],["CAD",1,3,"1","1"],["CAD",2,3,"913","1826"],["CAD",3,4,"1827","1827"],["CAD",5,3,"4294963295","4294971295"],["CAD",6,2,"0","4913"],["CAD",7,2,"913","913"],["JPY",0,2,"913","914"],["JPY",1,1,"20000","20000"],["JPY",5,1,"4294967295","4294967295"],["JPY",6,3,"4294967296","4294968209"],["KWD",0,1,"0","0"],["KWD",1,2,"914","914"],["KWD",2,1,"0","20000"],["KWD",3,1,"0","0"],["KWD",5,2,"913","913"],["KWD",6,1,"0","913"],["KWD",7,2,"0","0"]]',8809786297782042308);
INSERT INTO runs VALUES(3,'nexacloud','2026-05','running','2024-10-04T00:00:06.000000000Z',NULL,1,'{"service":"nexacloud","month":"2026-05","only":[],"dry_run":false,"recheck_of":1,"basis":"draft_first","actor":"ana","program":"0.1.0","config_digest":"c0ffee"}','','','[]',NULL,NULL,0,0,'[]',-4339415118287497272);
CREATE TABLE rows (
  place             INTEGER PRIMARY KEY,
  run_id            INTEGER NOT NULL,
  subject           INTEGER NOT NULL,
  key               TEXT    NOT NULL,
  period_start      INTEGER NOT NULL,
  period_end        INTEGER NOT NULL,
  customer          TEXT    NOT NULL,
  plan              TEXT    NOT NULL,
  verdict           INTEGER NOT NULL,
  basis             INTEGER,
  review            INTEGER NOT NULL,
  actual            INTEGER,
  actual_currency   TEXT,
  expected          INTEGER,
  expected_currency TEXT,
  delta             INTEGER,
  exact_delta       TEXT,
  at_stake          INTEGER NOT NULL,
  actual_tax        INTEGER,
  expected_tax      INTEGER,
  rated             INTEGER,
  drafted           INTEGER,
  documents         TEXT    NOT NULL,
  cause             TEXT,
  seal              INTEGER NOT NULL
) STRICT;
INSERT INTO "rows" VALUES(4294967297,1,1,'sub-0000000',739737,739768,'Bolt Inc','Small',5,0,1,4294967295,'KWD',NULL,'KWD',913,'3739/3000',913,4294967295,20000,20000,NULL,'T:INV-0" OR 1=1 S:INV-1" OR 1=1',NULL,3237269841074752877);
INSERT INTO "rows" VALUES(4294967298,1,3,'sub-0000001',739737,739768,'Bolt Inc','Medium',3,1,2,20000,'CAD',20000,'CAD',0,'1/3',0,0,-4000,913,NULL,'T:INV-0" OR 1=1 S:INV-1" OR 1=1',NULL,5870942397806606644);
INSERT INTO "rows" VALUES(4294967299,1,0,'sub-0000002',739737,739768,'','Small',5,NULL,3,NULL,'JPY',20000,'JPY',4294967295,'12884901886/3',4294967295,913,913,20000,0,'',NULL,-4986479145735334053);
INSERT INTO "rows" VALUES(4294967300,1,2,'sub-0000003',739737,739768,'Bolt Inc','Small',6,NULL,0,913,'JPY',-4000,'CAD',NULL,NULL,913,NULL,0,913,913,'T:INV-0" OR 1=1',NULL,5847920847523566693);
INSERT INTO "rows" VALUES(4294967301,1,0,'sub-0000004',739737,739768,'Bolt Inc','Small',2,0,0,913,'CAD',913,'CAD',NULL,NULL,913,4294967295,20000,913,913,'T:INV-0" OR 1=1 T:INV-1" OR 1=1',NULL,1341145022107210634);
INSERT INTO "rows" VALUES(4294967302,1,0,'sub-0000005',739737,739768,'Acme Ltd','Medium',5,0,3,-4000,'CAD',4294967295,'KWD',-4000,'-119/3',4000,0,NULL,NULL,20000,'T:INV-0" OR 1=1',NULL,2425371538771705237);
INSERT INTO "rows" VALUES(4294967303,1,1,'sub-0000006',739737,739768,'Acme Ltd','Small',5,1,0,-4000,'CAD',1,'CAD',0,'1/3',0,0,0,1,913,'',NULL,-4007243304432426445);
INSERT INTO "rows" VALUES(4294967304,1,0,'sub-0000007',739737,739768,'100 % Größe_‮x','Medium',2,1,3,NULL,'CAD',NULL,'KWD',913,'2839/300',913,1,913,913,NULL,'T:INV-0" OR 1=1 T:INV-1" OR 1=1',NULL,-5622632049688853207);
INSERT INTO "rows" VALUES(4294967305,1,2,'sub-0000008',739737,739768,'Acme Ltd','Small',6,0,1,913,'CAD',20000,'CAD',NULL,NULL,913,913,NULL,913,913,'T:INV-0" OR 1=1',NULL,-3046678450009660068);
INSERT INTO "rows" VALUES(4294967306,1,0,'sub-0000009',739737,739768,'','Large',2,1,2,20000,'KWD',0,'JPY',NULL,NULL,20000,1,4294967295,NULL,NULL,'T:INV-0" OR 1=1',NULL,-2519959127881995041);
INSERT INTO "rows" VALUES(4294967307,1,3,'sub-0000010',739737,739768,'Bolt Inc','Medium',6,1,0,913,'CAD',NULL,'CAD',-4000,'-119/3',4000,20000,4294967295,913,0,'T:INV-0" OR 1=1',NULL,-2219077883715484367);
INSERT INTO "rows" VALUES(4294967308,1,0,'sub-0000011',739737,739768,'100 % Größe_‮x','Small',6,0,0,NULL,NULL,913,'KWD',NULL,'2839/300',913,NULL,913,20000,913,'',NULL,1357491291606363873);
INSERT INTO "rows" VALUES(4294967309,1,3,'sub-0000012',739737,739768,'acme ltd','Medium',7,0,2,NULL,NULL,0,'KWD',NULL,NULL,0,NULL,0,NULL,NULL,'T:INV-0" OR 1=1 T:INV-1" OR 1=1',NULL,-2919578803820438741);
INSERT INTO "rows" VALUES(4294967310,1,0,'sub-0000013',739737,739768,'acme ltd','Large',1,0,1,913,'KWD',1,'CAD',1,'1003/3000',1,4294967295,-4000,NULL,1,'',NULL,4764688512598908555);
INSERT INTO "rows" VALUES(4294967311,1,0,'sub-0000014',739737,739768,'','Medium',3,1,0,913,'CAD',913,'JPY',913,'2839/300',913,0,913,20000,NULL,'S:INV-0" OR 1=1',NULL,4565514086159993216);
INSERT INTO "rows" VALUES(4294967312,1,0,'sub-0000015',739737,739768,'100 % Größe_‮x','Medium',6,NULL,2,913,'JPY',20000,'KWD',1,'4/3',1,913,913,913,913,'S:INV-0" OR 1=1',NULL,5448662271381115831);
INSERT INTO "rows" VALUES(4294967313,1,0,'sub-0000016',739737,739768,'Bolt Inc','Large',7,NULL,2,1,'CAD',NULL,'JPY',0,'1/3',0,4294967295,0,-4000,0,'',NULL,-3934945116185285329);
INSERT INTO "rows" VALUES(4294967314,1,2,'sub-0000017',739737,739768,'acme ltd','Medium',0,0,1,20000,'CAD',NULL,'CAD',NULL,NULL,20000,NULL,NULL,4294967295,0,'',NULL,4431851997052669345);
INSERT INTO "rows" VALUES(4294967315,1,2,'sub-0000018',739737,739768,'Bolt Inc','Small',0,0,1,NULL,NULL,NULL,'KWD',NULL,'1/3',0,NULL,913,0,1,'',NULL,-1648685232077309862);
INSERT INTO "rows" VALUES(4294967316,1,1,'sub-0000019',739737,739768,'','Medium',5,1,0,-4000,'CAD',-4000,'KWD',4294967295,'2576980397/60',4294967295,0,913,1,0,'T:INV-0" OR 1=1',NULL,-3975389505193300194);
INSERT INTO "rows" VALUES(4294967317,1,0,'sub-0000020',739737,739768,'','Small',1,1,3,0,'CAD',0,'CAD',0,'1/3',0,913,0,-4000,1,'T:INV-0" OR 1=1 T:INV-1" OR 1=1',NULL,4970207344278841822);
INSERT INTO "rows" VALUES(4294967318,1,1,'sub-0000021',739737,739768,'100 % Größe_‮x','Large',3,1,0,4294967295,'CAD',4294967295,'KWD',1,'103/300',1,-4000,1,-4000,1,'S:INV-0" OR 1=1',NULL,2479378061450379244);
INSERT INTO "rows" VALUES(4294967319,1,3,'sub-0000022',739737,739768,'100 % Größe_‮x','Medium',1,1,2,4294967295,'CAD',1,'JPY',1,'103/300',1,913,913,1,0,'',NULL,7974964585793466318);
INSERT INTO "rows" VALUES(4294967320,1,0,'sub-0000023',739737,739768,'Acme Ltd','Small',1,1,2,4294967295,'KWD',-4000,'CAD',913,'3739/3000',913,1,4294967295,0,NULL,'T:INV-0" OR 1=1',NULL,4767763912850179399);
INSERT INTO "rows" VALUES(4294967321,1,0,'sub-0000024',739737,739768,'100 % Größe_‮x','Medium',6,NULL,1,20000,'JPY',NULL,'CAD',4294967295,'12884901886/3',4294967295,1,NULL,-4000,0,'',NULL,-4911630839757472199);
INSERT INTO "rows" VALUES(4294967322,1,1,'sub-0000025',739737,739768,'Acme Ltd','Large',0,1,3,NULL,'JPY',913,'CAD',913,'2740/3',913,20000,NULL,913,4294967295,'',NULL,-5888832473593004036);
INSERT INTO "rows" VALUES(4294967323,1,1,'sub-0000026',739737,739768,'Acme Ltd','Medium',0,1,3,1,'JPY',1,'JPY',NULL,NULL,1,NULL,0,-4000,4294967295,'S:INV-0" OR 1=1 S:INV-1" OR 1=1',NULL,3725255628628217286);
INSERT INTO "rows" VALUES(4294967324,1,0,'sub-0000027',739737,739768,'','Large',3,1,1,913,'CAD',4294967295,'KWD',1,'103/300',1,-4000,1,NULL,NULL,'T:INV-0" OR 1=1',NULL,-4039372410279879585);
INSERT INTO "rows" VALUES(4294967325,1,0,'sub-0000028',739737,739768,'Acme Ltd','Medium',0,1,2,4294967295,'CAD',4294967295,'JPY',1,'103/300',1,0,0,0,913,'',NULL,-2019696537403520593);
INSERT INTO "rows" VALUES(4294967326,1,2,'sub-0000029',739737,739768,'acme ltd','Small',7,0,1,0,'KWD',0,'KWD',0,'1/3',0,913,-4000,913,1,'T:INV-0" OR 1=1 S:INV-1" OR 1=1',NULL,2291580025262008985);
INSERT INTO "rows" VALUES(4294967327,1,0,'sub-0000030',739737,739768,'Bolt Inc','Small',1,NULL,1,0,'JPY',NULL,'CAD',20000,'60001/3',20000,NULL,NULL,0,0,'',NULL,-1624157413683036117);
INSERT INTO "rows" VALUES(4294967328,1,3,'sub-0000031',739737,739768,'acme ltd','Small',0,1,1,NULL,NULL,4294967295,'CAD',NULL,'4/3',1,NULL,4294967295,4294967295,0,'',NULL,-1185371414570558516);
INSERT INTO "rows" VALUES(4294967329,1,1,'sub-0000032',739737,739768,'acme ltd','Medium',3,0,2,NULL,'CAD',NULL,'KWD',913,'2839/300',913,1,913,913,NULL,'T:INV-0" OR 1=1',NULL,-5580481877868377400);
INSERT INTO "rows" VALUES(4294967330,1,3,'sub-0000033',739737,739768,'Acme Ltd','Medium',1,0,3,20000,'CAD',NULL,'JPY',0,'1/3',0,0,NULL,1,0,'',NULL,-3146446059612093604);
INSERT INTO "rows" VALUES(4294967331,1,2,'sub-0000034',739737,739768,'acme ltd','Small',7,1,0,0,'CAD',NULL,'CAD',913,'2839/300',913,1,4294967295,0,20000,'',NULL,7059352916507833286);
INSERT INTO "rows" VALUES(4294967332,1,1,'sub-0000035',739737,739768,'','Large',3,0,2,NULL,NULL,1,'KWD',0,'1/3',0,NULL,NULL,NULL,NULL,'T:INV-0" OR 1=1 T:INV-1" OR 1=1',NULL,-6625602932292095514);
INSERT INTO "rows" VALUES(4294967333,1,0,'sub-0000036',739737,739768,'Bolt Inc','Medium',2,0,3,-4000,'CAD',0,'CAD',0,'1/3',0,NULL,0,913,1,'S:INV-0" OR 1=1',NULL,-5591236912041444496);
INSERT INTO "rows" VALUES(4294967334,1,3,'sub-0000037',739737,739768,'Bolt Inc','Large',6,1,1,-4000,'CAD',1,'KWD',NULL,NULL,4000,0,-4000,913,NULL,'S:INV-0" OR 1=1',NULL,1602599169740052151);
INSERT INTO "rows" VALUES(4294967335,1,2,'sub-0000038',739737,739768,'acme ltd','Large',5,NULL,1,0,'KWD',1,'CAD',NULL,NULL,0,-4000,NULL,NULL,4294967295,'T:INV-0" OR 1=1',NULL,2318811298020059634);
INSERT INTO "rows" VALUES(4294967336,1,3,'sub-0000039',739737,739768,'Acme Ltd','Small',0,1,2,4294967295,'CAD',0,'CAD',-4000,'-119/3',4000,NULL,1,0,913,'',NULL,-6390149042417337311);
INSERT INTO "rows" VALUES(8589934593,2,1,'sub-0000000',739737,739768,'Bolt Inc','Small',5,0,1,4294967295,'KWD',NULL,'KWD',913,'3739/3000',913,4294967295,20000,20000,NULL,'T:INV-0" OR 1=1 S:INV-1" OR 1=1',NULL,-6762393263131795414);
INSERT INTO "rows" VALUES(8589934594,2,3,'sub-0000001',739737,739768,'Bolt Inc','Medium',3,1,2,20000,'CAD',20000,'CAD',0,'1/3',0,0,-4000,913,NULL,'T:INV-0" OR 1=1 S:INV-1" OR 1=1',NULL,-9187624966516489569);
INSERT INTO "rows" VALUES(8589934595,2,0,'sub-0000002',739737,739768,'','Small',5,NULL,3,NULL,'JPY',20000,'JPY',4294967295,'12884901886/3',4294967295,913,913,20000,0,'',NULL,3949852728243080493);
INSERT INTO "rows" VALUES(8589934596,2,2,'sub-0000003',739737,739768,'Bolt Inc','Small',6,NULL,0,913,'JPY',-4000,'CAD',NULL,NULL,913,NULL,0,913,913,'T:INV-0" OR 1=1',NULL,9002535733597233223);
INSERT INTO "rows" VALUES(8589934597,2,0,'sub-0000004',739737,739768,'Bolt Inc','Small',2,0,0,913,'CAD',913,'CAD',NULL,NULL,913,4294967295,20000,913,913,'T:INV-0" OR 1=1 T:INV-1" OR 1=1',NULL,3778126641245076521);
INSERT INTO "rows" VALUES(8589934598,2,0,'sub-0000005',739737,739768,'Acme Ltd','Medium',5,0,3,-4000,'CAD',4294967295,'KWD',-4000,'-119/3',4000,0,NULL,NULL,20000,'T:INV-0" OR 1=1',NULL,5636381206620753495);
INSERT INTO "rows" VALUES(8589934599,2,1,'sub-0000006',739737,739768,'Acme Ltd','Small',5,1,0,-4000,'CAD',1,'CAD',0,'1/3',0,0,0,1,913,'',NULL,7463077026036767508);
INSERT INTO "rows" VALUES(8589934600,2,0,'sub-0000007',739737,739768,'100 % Größe_‮x','Medium',2,1,3,NULL,'CAD',NULL,'KWD',913,'2839/300',913,1,913,913,NULL,'T:INV-0" OR 1=1 T:INV-1" OR 1=1',NULL,8644930501918078939);
INSERT INTO "rows" VALUES(8589934601,2,2,'sub-0000008',739737,739768,'Acme Ltd','Small',6,0,1,913,'CAD',20000,'CAD',NULL,NULL,913,913,NULL,913,913,'T:INV-0" OR 1=1',NULL,-8009771858799289965);
INSERT INTO "rows" VALUES(8589934602,2,0,'sub-0000009',739737,739768,'','Large',2,1,2,20000,'KWD',0,'JPY',NULL,NULL,20000,1,4294967295,NULL,NULL,'T:INV-0" OR 1=1',NULL,4571635845248984763);
INSERT INTO "rows" VALUES(8589934603,2,0,'sub-0000011',739737,739768,'100 % Größe_‮x','Small',6,0,0,NULL,NULL,913,'KWD',NULL,'2839/300',913,NULL,913,20000,913,'',NULL,2727149500700077979);
INSERT INTO "rows" VALUES(8589934604,2,3,'sub-0000012',739737,739768,'acme ltd','Medium',7,0,2,NULL,NULL,0,'KWD',NULL,NULL,0,NULL,0,NULL,NULL,'T:INV-0" OR 1=1 T:INV-1" OR 1=1',NULL,-5836595874384265925);
INSERT INTO "rows" VALUES(8589934605,2,0,'sub-0000013',739737,739768,'acme ltd','Large',1,0,1,913,'KWD',1,'CAD',1,'1003/3000',1,4294967295,-4000,NULL,1,'',NULL,6227833200113671570);
INSERT INTO "rows" VALUES(8589934606,2,0,'sub-0000014',739737,739768,'','Medium',3,1,0,913,'CAD',913,'JPY',913,'2839/300',913,0,913,20000,NULL,'S:INV-0" OR 1=1',NULL,-3862820373249478597);
INSERT INTO "rows" VALUES(8589934607,2,0,'sub-0000015',739737,739768,'100 % Größe_‮x','Medium',6,NULL,2,913,'JPY',20000,'KWD',1,'4/3',1,913,913,913,913,'S:INV-0" OR 1=1',NULL,-7475833733587611651);
INSERT INTO "rows" VALUES(8589934608,2,0,'sub-0000016',739737,739768,'Bolt Inc','Large',7,NULL,2,1,'CAD',NULL,'JPY',0,'1/3',0,4294967295,0,-4000,0,'',NULL,1704187348665743497);
INSERT INTO "rows" VALUES(8589934609,2,2,'sub-0000017',739737,739768,'acme ltd','Medium',0,0,1,20000,'CAD',NULL,'CAD',NULL,NULL,20000,NULL,NULL,4294967295,0,'',NULL,7631829710442652050);
INSERT INTO "rows" VALUES(8589934610,2,2,'sub-0000018',739737,739768,'Bolt Inc','Small',0,0,1,NULL,NULL,NULL,'KWD',NULL,'1/3',0,NULL,913,0,1,'',NULL,-7119668315726556619);
INSERT INTO "rows" VALUES(8589934611,2,1,'sub-0000019',739737,739768,'','Medium',5,1,0,-4000,'CAD',-4000,'KWD',4294967295,'2576980397/60',4294967295,0,913,1,0,'T:INV-0" OR 1=1',NULL,-4709102497060507859);
INSERT INTO "rows" VALUES(8589934612,2,0,'sub-0000020',739737,739768,'','Small',1,1,3,0,'CAD',0,'CAD',0,'1/3',0,913,0,-4000,1,'T:INV-0" OR 1=1 T:INV-1" OR 1=1',NULL,-842449320949607033);
INSERT INTO "rows" VALUES(8589934613,2,1,'sub-0000021',739737,739768,'100 % Größe_‮x','Large',0,1,0,4294967295,'CAD',4294967295,'KWD',1,'103/300',1,-4000,1,-4000,1,'S:INV-0" OR 1=1',NULL,1788292346715567220);
INSERT INTO "rows" VALUES(8589934614,2,3,'sub-0000022',739737,739768,'100 % Größe_‮x','Medium',1,1,2,4294967295,'CAD',1,'JPY',1,'103/300',1,913,913,1,0,'',NULL,-1973869221766994010);
INSERT INTO "rows" VALUES(8589934615,2,0,'sub-0000023',739737,739768,'Acme Ltd','Small',1,1,2,4294967295,'KWD',-4000,'CAD',913,'3739/3000',913,1,4294967295,0,NULL,'T:INV-0" OR 1=1',NULL,-6977983730606174882);
INSERT INTO "rows" VALUES(8589934616,2,0,'sub-0000024',739737,739768,'100 % Größe_‮x','Medium',6,NULL,1,20000,'JPY',NULL,'CAD',4294967295,'12884901886/3',4294967295,1,NULL,-4000,0,'',NULL,8054464237004713973);
INSERT INTO "rows" VALUES(8589934617,2,1,'sub-0000025',739737,739768,'Acme Ltd','Large',0,1,3,NULL,'JPY',913,'CAD',913,'2740/3',913,20000,NULL,913,4294967295,'',NULL,4040199246060130106);
INSERT INTO "rows" VALUES(8589934618,2,1,'sub-0000026',739737,739768,'Acme Ltd','Medium',0,1,3,1,'JPY',1,'JPY',NULL,NULL,1,NULL,0,-4000,4294967295,'S:INV-0" OR 1=1 S:INV-1" OR 1=1',NULL,3379706588378924418);
INSERT INTO "rows" VALUES(8589934619,2,0,'sub-0000027',739737,739768,'','Large',3,1,1,913,'CAD',4294967295,'KWD',1,'103/300',1,-4000,1,NULL,NULL,'T:INV-0" OR 1=1',NULL,-8187087671541984764);
INSERT INTO "rows" VALUES(8589934620,2,0,'sub-0000028',739737,739768,'Acme Ltd','Medium',0,1,2,4294967295,'CAD',4294967295,'JPY',1,'103/300',1,0,0,0,913,'',NULL,6726136765067490305);
INSERT INTO "rows" VALUES(8589934621,2,2,'sub-0000029',739737,739768,'acme ltd','Small',7,0,1,0,'KWD',0,'KWD',0,'1/3',0,913,-4000,913,1,'T:INV-0" OR 1=1 S:INV-1" OR 1=1',NULL,3885417394247986898);
INSERT INTO "rows" VALUES(8589934622,2,0,'sub-0000030',739737,739768,'Bolt Inc','Small',1,NULL,1,0,'JPY',NULL,'CAD',20000,'60001/3',20000,NULL,NULL,0,0,'',NULL,7784313590077487567);
INSERT INTO "rows" VALUES(8589934623,2,3,'sub-0000031',739737,739768,'acme ltd','Small',0,1,1,NULL,NULL,4294967295,'CAD',NULL,'4/3',1,NULL,4294967295,4294967295,0,'',NULL,6255604939150953084);
INSERT INTO "rows" VALUES(8589934624,2,1,'sub-0000032',739737,739768,'acme ltd','Medium',3,0,2,NULL,'CAD',NULL,'KWD',913,'2839/300',913,1,913,913,NULL,'T:INV-0" OR 1=1',NULL,7497704943502703106);
INSERT INTO "rows" VALUES(8589934625,2,3,'sub-0000033',739737,739768,'Acme Ltd','Medium',1,0,3,20000,'CAD',NULL,'JPY',0,'1/3',0,0,NULL,1,0,'',NULL,-1354981637475786016);
INSERT INTO "rows" VALUES(8589934626,2,2,'sub-0000034',739737,739768,'acme ltd','Small',7,1,0,0,'CAD',NULL,'CAD',913,'2839/300',913,1,4294967295,0,20000,'',NULL,-3103978840279556578);
INSERT INTO "rows" VALUES(8589934627,2,1,'sub-0000035',739737,739768,'','Large',3,0,2,NULL,NULL,1,'KWD',0,'1/3',0,NULL,NULL,NULL,NULL,'T:INV-0" OR 1=1 T:INV-1" OR 1=1',NULL,-2765485162691325321);
INSERT INTO "rows" VALUES(8589934628,2,0,'sub-0000036',739737,739768,'Bolt Inc','Medium',2,0,3,-4000,'CAD',0,'CAD',0,'1/3',0,NULL,0,913,1,'S:INV-0" OR 1=1',NULL,1494143747754756557);
INSERT INTO "rows" VALUES(8589934629,2,3,'sub-0000037',739737,739768,'Bolt Inc','Large',6,1,1,-4000,'CAD',1,'KWD',NULL,NULL,4000,0,-4000,913,NULL,'S:INV-0" OR 1=1',NULL,-5857895171804318870);
INSERT INTO "rows" VALUES(8589934630,2,2,'sub-0000038',739737,739768,'acme ltd','Large',5,NULL,1,0,'KWD',1,'CAD',NULL,NULL,0,-4000,NULL,NULL,4294967295,'T:INV-0" OR 1=1',NULL,4679684125260749695);
INSERT INTO "rows" VALUES(8589934631,2,3,'sub-0000039',739737,739768,'Acme Ltd','Small',0,1,2,4294967295,'CAD',0,'CAD',-4000,'-119/3',4000,NULL,1,0,913,'',NULL,-2225815654519853640);
CREATE TABLE row_details (
  place  INTEGER PRIMARY KEY,
  detail TEXT NOT NULL,
  seal   INTEGER NOT NULL
) STRICT;
INSERT INTO row_details VALUES(4294967297,'[null,null,["dep 0"],["C-2","P-1","2026-05-01",null,null,"2","1/7","0","active",false],["C-1","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[["target","INV-0\" OR 1=1",null,"credit","2026-06-01",[913,"KWD"],"9.13",[20000,"KWD"],[["\u001b[2J",null,"9.13"]]],["source","INV-1\" OR 1=1","2026/7","credit","2026-06-01",[913,"KWD"],"9.13",[-4000,"KWD"],[["\u001b[2J",null,"9.13"]]]],[[4294967295,"KWD"],null,[913,"KWD"],[4294967295,"KWD"],[20000,"KWD"],[1,"KWD"],[20000,"KWD"],null]]',-7199084372326742824);
INSERT INTO row_details VALUES(4294967298,'[null,null,["dep 0"],["C-1","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",true],["C-1","P-1","2026-05-01",null,null,"2","1/7","0","active",true],[],[["target","INV-0\" OR 1=1","2026/7","charge","2026-06-01",[913,"CAD"],"9.13",null,[["\u001b[2J",null,"9.13"]]],["source","INV-1\" OR 1=1",null,"credit","2026-06-01",[913,"CAD"],"9.13",[1,"CAD"],[["\u001b[2J",null,"9.13"]]]],[[20000,"CAD"],[20000,"CAD"],[0,"CAD"],[0,"CAD"],[-4000,"CAD"],[0,"CAD"],[913,"CAD"],null]]',-3852115547982212286);
INSERT INTO row_details VALUES(4294967299,'[null,"currency differs",["dep 0"],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",false],["C-2","P-1","2026-05-01",null,null,"2","1/7","0","active",false],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],[["GST","5"]]]],[],null]',1860439299835902984);
INSERT INTO row_details VALUES(4294967300,'["C-9",null,["dep 0"],null,["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",true],[["P-unknown","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[["target","INV-0\" OR 1=1","2026/7","credit","2026-06-01",[913,"JPY"],"9.13",[913,"JPY"],[["\u001b[2J",null,"9.13"]]]],[[913,"JPY"],[-4000,"CAD"],null,null,[0,"CAD"],[4294967295,"CAD"],[913,"CAD"],[913,"CAD"]]]',1479130813134348650);
INSERT INTO row_details VALUES(4294967301,'[null,null,["dep 0"],["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",true],["C-2","P-1","2026-05-01",null,null,"2",null,"0","active",false],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[["target","INV-0\" OR 1=1",null,"credit","2026-06-01",[913,"CAD"],"9.13",[20000,"CAD"],[["\u001b[2J",null,"9.13"]]],["target","INV-1\" OR 1=1","2026/7","credit","2026-06-01",[913,"CAD"],"9.13",null,[["\u001b[2J",null,"9.13"]]]],[[913,"CAD"],[913,"CAD"],null,[4294967295,"CAD"],[20000,"CAD"],[20000,"CAD"],[913,"CAD"],[913,"CAD"]]]',-6838917082487286341);
INSERT INTO row_details VALUES(4294967302,'["C-9",null,["dep 0"],null,["C-2","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],[],[["target","INV-0\" OR 1=1",null,"charge","2026-06-01",[913,"CAD"],"9.13",[20000,"CAD"],[["\u001b[2J",null,"9.13"]]]],[[-4000,"CAD"],[4294967295,"KWD"],[-4000,"CAD"],[0,"CAD"],null,[-4000,"KWD"],null,[20000,"KWD"]]]',1095218802092158721);
INSERT INTO row_details VALUES(4294967303,'["C-9","currency differs",["dep 0"],null,["C-1","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",false],[["P-unknown","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[],[[-4000,"CAD"],[1,"CAD"],[0,"CAD"],[0,"CAD"],[0,"CAD"],[20000,"CAD"],[1,"CAD"],[913,"CAD"]]]',-1990802419111671525);
INSERT INTO row_details VALUES(4294967304,'[null,null,[],["C-2","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],["C-1","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],[],[["target","INV-0\" OR 1=1","2026/7","credit","2026-06-01",[913,"CAD"],"9.13",[0,"CAD"],[["\u001b[2J",null,"9.13"]]],["target","INV-1\" OR 1=1","2026/7","charge","2026-06-01",[913,"CAD"],"9.13",[20000,"CAD"],[["\u001b[2J",null,"9.13"]]]],[null,null,[913,"CAD"],[1,"CAD"],[913,"KWD"],null,[913,"KWD"],[913,"CAD"]]]',-4614221126630202182);
INSERT INTO row_details VALUES(4294967305,'[null,null,[],["C-1","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[["target","INV-0\" OR 1=1","2026/7","credit","2026-06-01",[913,"CAD"],"9.13",[20000,"CAD"],[["\u001b[2J",null,"9.13"]]]],null]',6940124628616803875);
INSERT INTO row_details VALUES(4294967306,'[null,"currency differs",[],["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",false],[],[["target","INV-0\" OR 1=1",null,"credit","2026-06-01",[913,"KWD"],"9.13",[913,"KWD"],[["\u001b[2J",null,"9.13"]]]],[[20000,"KWD"],[0,"JPY"],null,[1,"KWD"],[4294967295,"JPY"],[913,"JPY"],null,null]]',-5839270040871843475);
INSERT INTO row_details VALUES(4294967307,'[null,null,["dep 0"],["C-2","P-1","2026-05-01",null,null,"2","1/7","0","active",false],null,[],[["target","INV-0\" OR 1=1","2026/7","charge","2026-06-01",[913,"CAD"],"9.13",[0,"CAD"],[["\u001b[2J",null,"9.13"]]]],[[913,"CAD"],null,[-4000,"CAD"],[20000,"CAD"],[4294967295,"CAD"],[913,"CAD"],[913,"CAD"],[0,"CAD"]]]',-7095248797133995537);
INSERT INTO row_details VALUES(4294967308,'[null,"currency differs",[],["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",true],null,[],[],[null,[913,"KWD"],[913,"CAD"],null,[913,"KWD"],[913,"KWD"],[20000,"KWD"],[913,"KWD"]]]',2813871642967850606);
INSERT INTO row_details VALUES(4294967309,'["C-9","currency differs",[],null,["C-2","P-1","2026-05-01",null,null,"2",null,"0","active",true],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[["target","INV-0\" OR 1=1",null,"credit","2026-06-01",[913,"CAD"],"9.13",[0,"CAD"],[["\u001b[2J",null,"9.13"]]],["target","INV-1\" OR 1=1",null,"credit","2026-06-01",[913,"CAD"],"9.13",[4294967295,"CAD"],[["\u001b[2J",null,"9.13"]]]],null]',-5698748879531750109);
INSERT INTO row_details VALUES(4294967310,'[null,null,[],["C-2","P-1","2026-05-01",null,null,"2","1/7","0","active",false],["C-1","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],[],[],[[913,"KWD"],[1,"CAD"],[1,"KWD"],[4294967295,"KWD"],[-4000,"CAD"],[1,"CAD"],null,[1,"CAD"]]]',6260230919033011771);
INSERT INTO row_details VALUES(4294967311,'["C-9","currency differs",["dep 0"],null,["C-2","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],[],[["source","INV-0\" OR 1=1","2026/7","charge","2026-06-01",[913,"CAD"],"9.13",[20000,"CAD"],[["\u001b[2J",null,"9.13"]]]],[[913,"CAD"],[913,"JPY"],[913,"CAD"],[0,"CAD"],[913,"JPY"],[20000,"JPY"],[20000,"JPY"],null]]',8839134377329564544);
INSERT INTO row_details VALUES(4294967312,'["C-9",null,[],null,null,[["P-unknown","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[["source","INV-0\" OR 1=1",null,"credit","2026-06-01",[913,"JPY"],"9.13",[1,"JPY"],[["\u001b[2J",null,"9.13"]]]],[[913,"JPY"],[20000,"KWD"],[1,"JPY"],[913,"JPY"],[913,"KWD"],[1,"KWD"],[913,"KWD"],[913,"KWD"]]]',-4736294629004338036);
INSERT INTO row_details VALUES(4294967313,'[null,null,[],["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",true],["C-1","P-1","2026-05-01",null,null,"2","1/7","0","active",true],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[],[[1,"CAD"],null,[0,"CAD"],[4294967295,"CAD"],[0,"JPY"],[0,"JPY"],[-4000,"JPY"],[0,"JPY"]]]',-8386181863429992454);
INSERT INTO row_details VALUES(4294967314,'[null,null,[],["C-2","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",false],["C-2","P-1","2026-05-01",null,null,"2",null,"0","active",false],[],[],[[20000,"CAD"],null,null,null,null,[0,"CAD"],[4294967295,"CAD"],[0,"CAD"]]]',3556930628258806055);
INSERT INTO row_details VALUES(4294967315,'["C-9",null,["dep 0"],null,["C-1","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",false],[["P-unknown","1",null,"2.5",9,31,[["cpu_seconds","12000"]],[["GST","5"]]]],[],[null,null,[0,"CAD"],null,[913,"KWD"],[913,"KWD"],[0,"KWD"],[1,"KWD"]]]',-8697768615518627361);
INSERT INTO row_details VALUES(4294967316,'[null,null,[],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",false],["C-1","P-1","2026-05-01",null,null,"2","1/7","0","active",false],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],[["GST","5"]]]],[["target","INV-0\" OR 1=1","2026/7","charge","2026-06-01",[913,"CAD"],"9.13",[4294967295,"CAD"],[["\u001b[2J",null,"9.13"]]]],[[-4000,"CAD"],[-4000,"KWD"],[4294967295,"CAD"],[0,"CAD"],[913,"KWD"],[0,"KWD"],[1,"KWD"],[0,"KWD"]]]',7179301521477352136);
INSERT INTO row_details VALUES(4294967317,'["C-9",null,[],null,["C-2","P-1","2026-05-01",null,null,"2","1/7","0","active",false],[],[["target","INV-0\" OR 1=1",null,"credit","2026-06-01",[913,"CAD"],"9.13",null,[["\u001b[2J",null,"9.13"]]],["target","INV-1\" OR 1=1","2026/7","credit","2026-06-01",[913,"CAD"],"9.13",[0,"CAD"],[["\u001b[2J",null,"9.13"]]]],[[0,"CAD"],[0,"CAD"],[0,"CAD"],[913,"CAD"],[0,"CAD"],[913,"CAD"],[-4000,"CAD"],[1,"CAD"]]]',477298183949626983);
INSERT INTO row_details VALUES(4294967318,'[null,null,["dep 0"],["C-1","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],["C-2","P-1","2026-05-01",null,null,"2","1/7","0","active",true],[],[["source","INV-0\" OR 1=1",null,"charge","2026-06-01",[913,"CAD"],"9.13",[0,"CAD"],[["\u001b[2J",null,"9.13"]]]],[[4294967295,"CAD"],[4294967295,"KWD"],[1,"CAD"],[-4000,"CAD"],[1,"KWD"],[913,"KWD"],[-4000,"KWD"],[1,"KWD"]]]',5961017923721419092);
INSERT INTO row_details VALUES(4294967319,'[null,null,["dep 0"],["C-1","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",false],["C-2","P-1","2026-05-01",null,null,"2",null,"0","active",true],[["P-unknown","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[],null]',-4073517352217895972);
INSERT INTO row_details VALUES(4294967320,'[null,"currency differs",["dep 0"],["C-1","P-1","2026-05-01",null,null,"2","1/7","0","active",true],["C-2","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],[],[["target","INV-0\" OR 1=1","2026/7","credit","2026-06-01",[913,"KWD"],"9.13",null,[["\u001b[2J",null,"9.13"]]]],[[4294967295,"KWD"],[-4000,"CAD"],[913,"KWD"],[1,"KWD"],[4294967295,"CAD"],[20000,"CAD"],[0,"CAD"],null]]',4943008529351303811);
INSERT INTO row_details VALUES(4294967321,'[null,null,[],["C-1","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",true],["C-1","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[],[[20000,"JPY"],null,[4294967295,"JPY"],[1,"JPY"],null,[913,"CAD"],[-4000,"CAD"],[0,"CAD"]]]',8000945931299438549);
INSERT INTO row_details VALUES(4294967322,'[null,null,[],["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",true],[],[],[null,[913,"CAD"],[913,"JPY"],[20000,"JPY"],null,[4294967295,"CAD"],[913,"CAD"],[4294967295,"CAD"]]]',1192077983523580488);
INSERT INTO row_details VALUES(4294967323,'[null,null,["dep 0"],["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",false],[],[["source","INV-0\" OR 1=1",null,"charge","2026-06-01",[913,"JPY"],"9.13",[4294967295,"JPY"],[["\u001b[2J",null,"9.13"]]],["source","INV-1\" OR 1=1","2026/7","credit","2026-06-01",[913,"JPY"],"9.13",null,[["\u001b[2J",null,"9.13"]]]],[[1,"JPY"],[1,"JPY"],null,null,[0,"JPY"],[0,"JPY"],[-4000,"JPY"],[4294967295,"JPY"]]]',1527322120199995200);
INSERT INTO row_details VALUES(4294967324,'["C-9",null,[],null,["C-1","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],[],[["target","INV-0\" OR 1=1","2026/7","charge","2026-06-01",[913,"CAD"],"9.13",null,[["\u001b[2J",null,"9.13"]]]],[[913,"CAD"],[4294967295,"KWD"],[1,"CAD"],[-4000,"CAD"],[1,"KWD"],null,null,[20000,"CAD"]]]',-157125674678142409);
INSERT INTO row_details VALUES(4294967325,'[null,null,[],["C-2","P-1","2026-05-01",null,null,"2","1/7","0","active",false],null,[],[],null]',1573156115756719495);
INSERT INTO row_details VALUES(4294967326,'["C-9",null,[],null,["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],[],[["target","INV-0\" OR 1=1",null,"charge","2026-06-01",[913,"KWD"],"9.13",[1,"KWD"],[["\u001b[2J",null,"9.13"]]],["source","INV-1\" OR 1=1","2026/7","charge","2026-06-01",[913,"KWD"],"9.13",null,[["\u001b[2J",null,"9.13"]]]],[[0,"KWD"],[0,"KWD"],[0,"KWD"],[913,"KWD"],[-4000,"KWD"],[913,"KWD"],[913,"KWD"],[1,"KWD"]]]',787891915206580086);
INSERT INTO row_details VALUES(4294967327,'[null,"currency differs",["dep 0"],["C-2","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],null,[["P-unknown","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[],null]',-2118920020592210458);
INSERT INTO row_details VALUES(4294967328,'["C-9",null,["dep 0"],null,null,[],[],[null,[4294967295,"CAD"],[1,"JPY"],null,[4294967295,"CAD"],[0,"CAD"],[4294967295,"CAD"],[0,"CAD"]]]',-1449480192169757242);
INSERT INTO row_details VALUES(4294967329,'[null,null,[],["C-1","P-1","2026-05-01",null,null,"2","1/7","0","active",false],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",false],[],[["target","INV-0\" OR 1=1",null,"charge","2026-06-01",[913,"CAD"],"9.13",[1,"CAD"],[["\u001b[2J",null,"9.13"]]]],null]',3137977550793333189);
INSERT INTO row_details VALUES(4294967330,'[null,null,["dep 0"],["C-2","P-1","2026-05-01",null,null,"2",null,"0","active",true],["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],[],[],[[20000,"CAD"],null,[0,"CAD"],[0,"CAD"],null,[913,"JPY"],[1,"JPY"],[0,"JPY"]]]',3292511893015081009);
INSERT INTO row_details VALUES(4294967331,'[null,null,[],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",true],null,[["P-unknown","1",null,"2.5",9,31,[["cpu_seconds","12000"]],[["GST","5"]]]],[],[[0,"CAD"],null,[913,"CAD"],[1,"CAD"],[4294967295,"CAD"],null,[0,"CAD"],[20000,"CAD"]]]',-3531557941729962802);
INSERT INTO row_details VALUES(4294967332,'[null,null,[],["C-1","P-1","2026-05-01",null,null,"2","1/7","0","active",true],null,[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],[["GST","5"]]]],[["target","INV-0\" OR 1=1","2026/7","charge","2026-06-01",[913,"KWD"],"9.13",[0,"KWD"],[["\u001b[2J",null,"9.13"]]],["target","INV-1\" OR 1=1",null,"credit","2026-06-01",[913,"KWD"],"9.13",[0,"KWD"],[["\u001b[2J",null,"9.13"]]]],null]',8307457920448940094);
INSERT INTO row_details VALUES(4294967333,'[null,null,["dep 0"],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",true],["C-2","P-1","2026-05-01",null,null,"2","1/7","0","active",true],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[["source","INV-0\" OR 1=1",null,"charge","2026-06-01",[913,"CAD"],"9.13",[913,"CAD"],[["\u001b[2J",null,"9.13"]]]],[[-4000,"CAD"],[0,"CAD"],[0,"CAD"],null,[0,"CAD"],[0,"CAD"],[913,"CAD"],[1,"CAD"]]]',-2035728836610306955);
INSERT INTO row_details VALUES(4294967334,'["C-9",null,[],null,null,[["P-unknown","1",null,"2.5",9,31,[["cpu_seconds","12000"]],[["GST","5"]]]],[["source","INV-0\" OR 1=1","2026/7","credit","2026-06-01",[913,"CAD"],"9.13",null,[["\u001b[2J",null,"9.13"]]]],[[-4000,"CAD"],[1,"KWD"],null,[0,"CAD"],[-4000,"KWD"],[913,"KWD"],[913,"KWD"],null]]',246489008757831351);
INSERT INTO row_details VALUES(4294967335,'[null,null,[],["C-1","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],null,[],[["target","INV-0\" OR 1=1","2026/7","credit","2026-06-01",[913,"KWD"],"9.13",[0,"KWD"],[["\u001b[2J",null,"9.13"]]]],[[0,"KWD"],[1,"CAD"],null,[-4000,"KWD"],null,[0,"CAD"],null,[4294967295,"CAD"]]]',-2626491657363933016);
INSERT INTO row_details VALUES(4294967336,'[null,null,["dep 0"],["C-2","P-1","2026-05-01",null,null,"2","1/7","0","active",true],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",false],[],[],[[4294967295,"CAD"],[0,"CAD"],[-4000,"CAD"],null,[1,"CAD"],[1,"CAD"],[0,"CAD"],[913,"CAD"]]]',7980122752827728466);
INSERT INTO row_details VALUES(8589934593,'[null,null,["dep 0"],["C-2","P-1","2026-05-01",null,null,"2","1/7","0","active",false],["C-1","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[["target","INV-0\" OR 1=1",null,"credit","2026-06-01",[913,"KWD"],"9.13",[20000,"KWD"],[["\u001b[2J",null,"9.13"]]],["source","INV-1\" OR 1=1","2026/7","credit","2026-06-01",[913,"KWD"],"9.13",[-4000,"KWD"],[["\u001b[2J",null,"9.13"]]]],[[4294967295,"KWD"],null,[913,"KWD"],[4294967295,"KWD"],[20000,"KWD"],[1,"KWD"],[20000,"KWD"],null]]',-3242495880531269623);
INSERT INTO row_details VALUES(8589934594,'[null,null,["dep 0"],["C-1","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",true],["C-1","P-1","2026-05-01",null,null,"2","1/7","0","active",true],[],[["target","INV-0\" OR 1=1","2026/7","charge","2026-06-01",[913,"CAD"],"9.13",null,[["\u001b[2J",null,"9.13"]]],["source","INV-1\" OR 1=1",null,"credit","2026-06-01",[913,"CAD"],"9.13",[1,"CAD"],[["\u001b[2J",null,"9.13"]]]],[[20000,"CAD"],[20000,"CAD"],[0,"CAD"],[0,"CAD"],[-4000,"CAD"],[0,"CAD"],[913,"CAD"],null]]',-4051461407858384267);
INSERT INTO row_details VALUES(8589934595,'[null,"currency differs",["dep 0"],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",false],["C-2","P-1","2026-05-01",null,null,"2","1/7","0","active",false],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],[["GST","5"]]]],[],null]',7251701461830971424);
INSERT INTO row_details VALUES(8589934596,'["C-9",null,["dep 0"],null,["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",true],[["P-unknown","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[["target","INV-0\" OR 1=1","2026/7","credit","2026-06-01",[913,"JPY"],"9.13",[913,"JPY"],[["\u001b[2J",null,"9.13"]]]],[[913,"JPY"],[-4000,"CAD"],null,null,[0,"CAD"],[4294967295,"CAD"],[913,"CAD"],[913,"CAD"]]]',-8271813750097331273);
INSERT INTO row_details VALUES(8589934597,'[null,null,["dep 0"],["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",true],["C-2","P-1","2026-05-01",null,null,"2",null,"0","active",false],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[["target","INV-0\" OR 1=1",null,"credit","2026-06-01",[913,"CAD"],"9.13",[20000,"CAD"],[["\u001b[2J",null,"9.13"]]],["target","INV-1\" OR 1=1","2026/7","credit","2026-06-01",[913,"CAD"],"9.13",null,[["\u001b[2J",null,"9.13"]]]],[[913,"CAD"],[913,"CAD"],null,[4294967295,"CAD"],[20000,"CAD"],[20000,"CAD"],[913,"CAD"],[913,"CAD"]]]',4314801815814127397);
INSERT INTO row_details VALUES(8589934598,'["C-9",null,["dep 0"],null,["C-2","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],[],[["target","INV-0\" OR 1=1",null,"charge","2026-06-01",[913,"CAD"],"9.13",[20000,"CAD"],[["\u001b[2J",null,"9.13"]]]],[[-4000,"CAD"],[4294967295,"KWD"],[-4000,"CAD"],[0,"CAD"],null,[-4000,"KWD"],null,[20000,"KWD"]]]',6498251771345928271);
INSERT INTO row_details VALUES(8589934599,'["C-9","currency differs",["dep 0"],null,["C-1","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",false],[["P-unknown","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[],[[-4000,"CAD"],[1,"CAD"],[0,"CAD"],[0,"CAD"],[0,"CAD"],[20000,"CAD"],[1,"CAD"],[913,"CAD"]]]',2208413682974476567);
INSERT INTO row_details VALUES(8589934600,'[null,null,[],["C-2","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],["C-1","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],[],[["target","INV-0\" OR 1=1","2026/7","credit","2026-06-01",[913,"CAD"],"9.13",[0,"CAD"],[["\u001b[2J",null,"9.13"]]],["target","INV-1\" OR 1=1","2026/7","charge","2026-06-01",[913,"CAD"],"9.13",[20000,"CAD"],[["\u001b[2J",null,"9.13"]]]],[null,null,[913,"CAD"],[1,"CAD"],[913,"KWD"],null,[913,"KWD"],[913,"CAD"]]]',-4108355851299325055);
INSERT INTO row_details VALUES(8589934601,'[null,null,[],["C-1","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[["target","INV-0\" OR 1=1","2026/7","credit","2026-06-01",[913,"CAD"],"9.13",[20000,"CAD"],[["\u001b[2J",null,"9.13"]]]],null]',1099717096337575038);
INSERT INTO row_details VALUES(8589934602,'[null,"currency differs",[],["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",false],[],[["target","INV-0\" OR 1=1",null,"credit","2026-06-01",[913,"KWD"],"9.13",[913,"KWD"],[["\u001b[2J",null,"9.13"]]]],[[20000,"KWD"],[0,"JPY"],null,[1,"KWD"],[4294967295,"JPY"],[913,"JPY"],null,null]]',3548932132477923312);
INSERT INTO row_details VALUES(8589934603,'[null,"currency differs",[],["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",true],null,[],[],[null,[913,"KWD"],[913,"CAD"],null,[913,"KWD"],[913,"KWD"],[20000,"KWD"],[913,"KWD"]]]',6768665641305040970);
INSERT INTO row_details VALUES(8589934604,'["C-9","currency differs",[],null,["C-2","P-1","2026-05-01",null,null,"2",null,"0","active",true],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[["target","INV-0\" OR 1=1",null,"credit","2026-06-01",[913,"CAD"],"9.13",[0,"CAD"],[["\u001b[2J",null,"9.13"]]],["target","INV-1\" OR 1=1",null,"credit","2026-06-01",[913,"CAD"],"9.13",[4294967295,"CAD"],[["\u001b[2J",null,"9.13"]]]],null]',4794247877225942166);
INSERT INTO row_details VALUES(8589934605,'[null,null,[],["C-2","P-1","2026-05-01",null,null,"2","1/7","0","active",false],["C-1","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],[],[],[[913,"KWD"],[1,"CAD"],[1,"KWD"],[4294967295,"KWD"],[-4000,"CAD"],[1,"CAD"],null,[1,"CAD"]]]',32491267474019666);
INSERT INTO row_details VALUES(8589934606,'["C-9","currency differs",["dep 0"],null,["C-2","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],[],[["source","INV-0\" OR 1=1","2026/7","charge","2026-06-01",[913,"CAD"],"9.13",[20000,"CAD"],[["\u001b[2J",null,"9.13"]]]],[[913,"CAD"],[913,"JPY"],[913,"CAD"],[0,"CAD"],[913,"JPY"],[20000,"JPY"],[20000,"JPY"],null]]',5146126237549763900);
INSERT INTO row_details VALUES(8589934607,'["C-9",null,[],null,null,[["P-unknown","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[["source","INV-0\" OR 1=1",null,"credit","2026-06-01",[913,"JPY"],"9.13",[1,"JPY"],[["\u001b[2J",null,"9.13"]]]],[[913,"JPY"],[20000,"KWD"],[1,"JPY"],[913,"JPY"],[913,"KWD"],[1,"KWD"],[913,"KWD"],[913,"KWD"]]]',3467620339043697719);
INSERT INTO row_details VALUES(8589934608,'[null,null,[],["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",true],["C-1","P-1","2026-05-01",null,null,"2","1/7","0","active",true],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[],[[1,"CAD"],null,[0,"CAD"],[4294967295,"CAD"],[0,"JPY"],[0,"JPY"],[-4000,"JPY"],[0,"JPY"]]]',3364437274451782811);
INSERT INTO row_details VALUES(8589934609,'[null,null,[],["C-2","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",false],["C-2","P-1","2026-05-01",null,null,"2",null,"0","active",false],[],[],[[20000,"CAD"],null,null,null,null,[0,"CAD"],[4294967295,"CAD"],[0,"CAD"]]]',-8450456357632887128);
INSERT INTO row_details VALUES(8589934610,'["C-9",null,["dep 0"],null,["C-1","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",false],[["P-unknown","1",null,"2.5",9,31,[["cpu_seconds","12000"]],[["GST","5"]]]],[],[null,null,[0,"CAD"],null,[913,"KWD"],[913,"KWD"],[0,"KWD"],[1,"KWD"]]]',-6144381163362958559);
INSERT INTO row_details VALUES(8589934611,'[null,null,[],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",false],["C-1","P-1","2026-05-01",null,null,"2","1/7","0","active",false],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],[["GST","5"]]]],[["target","INV-0\" OR 1=1","2026/7","charge","2026-06-01",[913,"CAD"],"9.13",[4294967295,"CAD"],[["\u001b[2J",null,"9.13"]]]],[[-4000,"CAD"],[-4000,"KWD"],[4294967295,"CAD"],[0,"CAD"],[913,"KWD"],[0,"KWD"],[1,"KWD"],[0,"KWD"]]]',-9207043299245538792);
INSERT INTO row_details VALUES(8589934612,'["C-9",null,[],null,["C-2","P-1","2026-05-01",null,null,"2","1/7","0","active",false],[],[["target","INV-0\" OR 1=1",null,"credit","2026-06-01",[913,"CAD"],"9.13",null,[["\u001b[2J",null,"9.13"]]],["target","INV-1\" OR 1=1","2026/7","credit","2026-06-01",[913,"CAD"],"9.13",[0,"CAD"],[["\u001b[2J",null,"9.13"]]]],[[0,"CAD"],[0,"CAD"],[0,"CAD"],[913,"CAD"],[0,"CAD"],[913,"CAD"],[-4000,"CAD"],[1,"CAD"]]]',-9131574350004016228);
INSERT INTO row_details VALUES(8589934613,'[null,null,["dep 0"],["C-1","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],["C-2","P-1","2026-05-01",null,null,"2","1/7","0","active",true],[],[["source","INV-0\" OR 1=1",null,"charge","2026-06-01",[913,"CAD"],"9.13",[0,"CAD"],[["\u001b[2J",null,"9.13"]]]],[[4294967295,"CAD"],[4294967295,"KWD"],[1,"CAD"],[-4000,"CAD"],[1,"KWD"],[913,"KWD"],[-4000,"KWD"],[1,"KWD"]]]',5273625320499886020);
INSERT INTO row_details VALUES(8589934614,'[null,null,["dep 0"],["C-1","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",false],["C-2","P-1","2026-05-01",null,null,"2",null,"0","active",true],[["P-unknown","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[],null]',-906629829873211350);
INSERT INTO row_details VALUES(8589934615,'[null,"currency differs",["dep 0"],["C-1","P-1","2026-05-01",null,null,"2","1/7","0","active",true],["C-2","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],[],[["target","INV-0\" OR 1=1","2026/7","credit","2026-06-01",[913,"KWD"],"9.13",null,[["\u001b[2J",null,"9.13"]]]],[[4294967295,"KWD"],[-4000,"CAD"],[913,"KWD"],[1,"KWD"],[4294967295,"CAD"],[20000,"CAD"],[0,"CAD"],null]]',-419855979281518190);
INSERT INTO row_details VALUES(8589934616,'[null,null,[],["C-1","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",true],["C-1","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[],[[20000,"JPY"],null,[4294967295,"JPY"],[1,"JPY"],null,[913,"CAD"],[-4000,"CAD"],[0,"CAD"]]]',3656523262725473761);
INSERT INTO row_details VALUES(8589934617,'[null,null,[],["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",true],[],[],[null,[913,"CAD"],[913,"JPY"],[20000,"JPY"],null,[4294967295,"CAD"],[913,"CAD"],[4294967295,"CAD"]]]',6151651873091234777);
INSERT INTO row_details VALUES(8589934618,'[null,null,["dep 0"],["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",false],[],[["source","INV-0\" OR 1=1",null,"charge","2026-06-01",[913,"JPY"],"9.13",[4294967295,"JPY"],[["\u001b[2J",null,"9.13"]]],["source","INV-1\" OR 1=1","2026/7","credit","2026-06-01",[913,"JPY"],"9.13",null,[["\u001b[2J",null,"9.13"]]]],[[1,"JPY"],[1,"JPY"],null,null,[0,"JPY"],[0,"JPY"],[-4000,"JPY"],[4294967295,"JPY"]]]',1063593002866098609);
INSERT INTO row_details VALUES(8589934619,'["C-9",null,[],null,["C-1","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],[],[["target","INV-0\" OR 1=1","2026/7","charge","2026-06-01",[913,"CAD"],"9.13",null,[["\u001b[2J",null,"9.13"]]]],[[913,"CAD"],[4294967295,"KWD"],[1,"CAD"],[-4000,"CAD"],[1,"KWD"],null,null,[20000,"CAD"]]]',87185856577089498);
INSERT INTO row_details VALUES(8589934620,'[null,null,[],["C-2","P-1","2026-05-01",null,null,"2","1/7","0","active",false],null,[],[],null]',-1257854804855996061);
INSERT INTO row_details VALUES(8589934621,'["C-9",null,[],null,["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],[],[["target","INV-0\" OR 1=1",null,"charge","2026-06-01",[913,"KWD"],"9.13",[1,"KWD"],[["\u001b[2J",null,"9.13"]]],["source","INV-1\" OR 1=1","2026/7","charge","2026-06-01",[913,"KWD"],"9.13",null,[["\u001b[2J",null,"9.13"]]]],[[0,"KWD"],[0,"KWD"],[0,"KWD"],[913,"KWD"],[-4000,"KWD"],[913,"KWD"],[913,"KWD"],[1,"KWD"]]]',-3185531718017321254);
INSERT INTO row_details VALUES(8589934622,'[null,"currency differs",["dep 0"],["C-2","P-1","2026-05-01","2026-06-01",null,"2",null,"0","active",true],null,[["P-unknown","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[],null]',1104204189266592856);
INSERT INTO row_details VALUES(8589934623,'["C-9",null,["dep 0"],null,null,[],[],[null,[4294967295,"CAD"],[1,"JPY"],null,[4294967295,"CAD"],[0,"CAD"],[4294967295,"CAD"],[0,"CAD"]]]',2163989676832644866);
INSERT INTO row_details VALUES(8589934624,'[null,null,[],["C-1","P-1","2026-05-01",null,null,"2","1/7","0","active",false],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",false],[],[["target","INV-0\" OR 1=1",null,"charge","2026-06-01",[913,"CAD"],"9.13",[1,"CAD"],[["\u001b[2J",null,"9.13"]]]],null]',1912317537651012412);
INSERT INTO row_details VALUES(8589934625,'[null,null,["dep 0"],["C-2","P-1","2026-05-01",null,null,"2",null,"0","active",true],["C-2","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],[],[],[[20000,"CAD"],null,[0,"CAD"],[0,"CAD"],null,[913,"JPY"],[1,"JPY"],[0,"JPY"]]]',-5113835908208682936);
INSERT INTO row_details VALUES(8589934626,'[null,null,[],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",true],null,[["P-unknown","1",null,"2.5",9,31,[["cpu_seconds","12000"]],[["GST","5"]]]],[],[[0,"CAD"],null,[913,"CAD"],[1,"CAD"],[4294967295,"CAD"],null,[0,"CAD"],[20000,"CAD"]]]',7510555648128258302);
INSERT INTO row_details VALUES(8589934627,'[null,null,[],["C-1","P-1","2026-05-01",null,null,"2","1/7","0","active",true],null,[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],[["GST","5"]]]],[["target","INV-0\" OR 1=1","2026/7","charge","2026-06-01",[913,"KWD"],"9.13",[0,"KWD"],[["\u001b[2J",null,"9.13"]]],["target","INV-1\" OR 1=1",null,"credit","2026-06-01",[913,"KWD"],"9.13",[0,"KWD"],[["\u001b[2J",null,"9.13"]]]],null]',-1124580528480768084);
INSERT INTO row_details VALUES(8589934628,'[null,null,["dep 0"],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",true],["C-2","P-1","2026-05-01",null,null,"2","1/7","0","active",true],[["P-1","1",null,"2.5",9,31,[["cpu_seconds","12000"]],null]],[["source","INV-0\" OR 1=1",null,"charge","2026-06-01",[913,"CAD"],"9.13",[913,"CAD"],[["\u001b[2J",null,"9.13"]]]],[[-4000,"CAD"],[0,"CAD"],[0,"CAD"],null,[0,"CAD"],[0,"CAD"],[913,"CAD"],[1,"CAD"]]]',1911751803928500821);
INSERT INTO row_details VALUES(8589934629,'["C-9",null,[],null,null,[["P-unknown","1",null,"2.5",9,31,[["cpu_seconds","12000"]],[["GST","5"]]]],[["source","INV-0\" OR 1=1","2026/7","credit","2026-06-01",[913,"CAD"],"9.13",null,[["\u001b[2J",null,"9.13"]]]],[[-4000,"CAD"],[1,"KWD"],null,[0,"CAD"],[-4000,"KWD"],[913,"KWD"],[913,"KWD"],null]]',-5993962233840787203);
INSERT INTO row_details VALUES(8589934630,'[null,null,[],["C-1","P-1","2026-05-01","2026-06-01",null,"2","1/7","0","active",false],null,[],[["target","INV-0\" OR 1=1","2026/7","credit","2026-06-01",[913,"KWD"],"9.13",[0,"KWD"],[["\u001b[2J",null,"9.13"]]]],[[0,"KWD"],[1,"CAD"],null,[-4000,"KWD"],null,[0,"CAD"],null,[4294967295,"CAD"]]]',-7718324859563287505);
INSERT INTO row_details VALUES(8589934631,'[null,null,["dep 0"],["C-2","P-1","2026-05-01",null,null,"2","1/7","0","active",true],["C-1","P-1","2026-05-01",null,null,"2",null,"0","active",false],[],[],[[4294967295,"CAD"],[0,"CAD"],[-4000,"CAD"],null,[1,"CAD"],[1,"CAD"],[0,"CAD"],[913,"CAD"]]]',6241846603016577881);
CREATE TABLE terms (
  run_id  INTEGER NOT NULL REFERENCES runs (id),
  plan_id TEXT    NOT NULL,
  terms   TEXT    NOT NULL,
  seal    INTEGER NOT NULL,
  PRIMARY KEY (run_id, plan_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE findings (
  run_id  INTEGER NOT NULL REFERENCES runs (id),
  place   INTEGER NOT NULL,
  weight  INTEGER NOT NULL,
  finding TEXT    NOT NULL,
  seal    INTEGER NOT NULL,
  PRIMARY KEY (run_id, place)
) STRICT;
CREATE TABLE rejected (
  run_id INTEGER NOT NULL REFERENCES runs (id),
  place  INTEGER NOT NULL,
  error  TEXT    NOT NULL,
  seal   INTEGER NOT NULL,
  PRIMARY KEY (run_id, place)
) STRICT;
CREATE TABLE journal (
  seq      INTEGER PRIMARY KEY,
  at       TEXT NOT NULL,
  actor    TEXT NOT NULL,
  kind     TEXT NOT NULL,
  facts    TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash     TEXT NOT NULL
) STRICT;
INSERT INTO journal VALUES(1,'2024-10-04T00:00:01.000000000Z','ana','workspace_created','{"schema":2}','0000000000000000000000000000000000000000000000000000000000000000','11b7f266f2bb31bf96080d57e6ca71b36a0954aa17e15283c041c4fe36bb6e52');
INSERT INTO journal VALUES(2,'2024-10-04T00:00:02.000000000Z','ana','run_started','{"config":"c0ffee","dry_run":false,"month":"2026-05","only":0,"program":"0.1.0","recheck_of":null,"run":1,"service":"nexacloud"}','11b7f266f2bb31bf96080d57e6ca71b36a0954aa17e15283c041c4fe36bb6e52','0c3b701d757b76ca861f9fd5cea0fe90d77793256689322ab229e8685db89018');
INSERT INTO journal VALUES(3,'2024-10-04T00:00:03.000000000Z','ana','run_complete','{"config":"c0ffee","counts":{"delta":4,"duplicate":7,"match":7,"missing_in_source":6,"missing_in_target":0,"not_comparable":4,"unlinked":6,"within_tolerance":6},"current":true,"digest":"r40","dry_run":false,"findings":0,"month":"2026-05","only":0,"program":"0.1.0","recheck_of":null,"rejected":0,"rows":40,"run":1,"service":"nexacloud","source":"s","target":"t"}','0c3b701d757b76ca861f9fd5cea0fe90d77793256689322ab229e8685db89018','122a096b66467781ba5294ec2412a563023526d3c876e59f1fdc89f5a2952996');
INSERT INTO journal VALUES(4,'2024-10-04T00:00:04.000000000Z','ana','run_started','{"config":"c0ffee","dry_run":false,"month":"2026-05","only":0,"program":"0.1.0","recheck_of":1,"run":2,"service":"nexacloud"}','122a096b66467781ba5294ec2412a563023526d3c876e59f1fdc89f5a2952996','62c11cffd5a64d8c4410a77b7f6263f918edaa0cbd875322cf7d557f12ac7a63');
INSERT INTO journal VALUES(5,'2024-10-04T00:00:05.000000000Z','ana','run_complete','{"config":"c0ffee","counts":{"delta":4,"duplicate":6,"match":8,"missing_in_source":5,"missing_in_target":0,"not_comparable":4,"unlinked":6,"within_tolerance":6},"current":true,"digest":"r39","dry_run":false,"findings":0,"month":"2026-05","only":0,"program":"0.1.0","recheck_of":1,"rejected":0,"rows":39,"run":2,"service":"nexacloud","source":"s","target":"t"}','62c11cffd5a64d8c4410a77b7f6263f918edaa0cbd875322cf7d557f12ac7a63','39e9e36fe32e1d7c9c24b7a461dc84218cf10f61b3a9679dde4af0d120716f6e');
INSERT INTO journal VALUES(6,'2024-10-04T00:00:06.000000000Z','ana','run_started','{"config":"c0ffee","dry_run":false,"month":"2026-05","only":0,"program":"0.1.0","recheck_of":1,"run":3,"service":"nexacloud"}','39e9e36fe32e1d7c9c24b7a461dc84218cf10f61b3a9679dde4af0d120716f6e','1bd574439df87a7116b79e19f5bbf1b1adf74a73581d75c0f0eb16ed7c7e36fc');
CREATE TABLE imports (
  id          INTEGER PRIMARY KEY,
  service     TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('running', 'staged', 'complete', 'incomplete', 'interrupted', 'failed')),
  started_at  TEXT NOT NULL,
  finished_at TEXT,
  request     TEXT NOT NULL,
  snapshots   TEXT NOT NULL DEFAULT '[]',
  entities    TEXT NOT NULL DEFAULT '{}',
  load        TEXT NOT NULL DEFAULT '{}',
  pack        TEXT,
  failure     TEXT,
  seal        INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE staged (
  service     TEXT    NOT NULL,
  entity      TEXT    NOT NULL,
  external_id TEXT    NOT NULL,
  shadow      TEXT    NOT NULL,
  digest      TEXT    NOT NULL,
  import_id   INTEGER NOT NULL REFERENCES imports (id),
  PRIMARY KEY (service, entity, external_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE deliveries (
  service     TEXT    NOT NULL,
  entity      TEXT    NOT NULL,
  external_id TEXT    NOT NULL,
  act         TEXT    NOT NULL CHECK (act IN ('put', 'retire')),
  key         TEXT    NOT NULL,
  state       TEXT    NOT NULL,
  tries       INTEGER NOT NULL,
  reason      TEXT    NOT NULL,
  target_id   TEXT,
  seal        INTEGER NOT NULL,
  PRIMARY KEY (service, entity, external_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE mapped_ids (
  service     TEXT NOT NULL,
  entity      TEXT NOT NULL,
  external_id TEXT NOT NULL,
  target_id   TEXT NOT NULL,
  seal        INTEGER NOT NULL,
  PRIMARY KEY (service, entity, external_id),
  UNIQUE (service, entity, target_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE inertness (
  id      INTEGER PRIMARY KEY,
  service TEXT NOT NULL,
  look    TEXT NOT NULL,
  seal    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX runs_current ON runs (service, month) WHERE current = 1;
CREATE INDEX runs_rechecks ON runs (recheck_of) WHERE recheck_of IS NOT NULL;
CREATE INDEX rows_by_at_stake ON rows (run_id, at_stake) WHERE at_stake <> 0;
CREATE INDEX rows_by_delta    ON rows (run_id, delta)    WHERE delta IS NOT 0;
CREATE INDEX rows_by_verdict  ON rows (run_id, verdict)  WHERE verdict <> 0;
CREATE TRIGGER journal_is_not_edited BEFORE UPDATE ON journal
BEGIN
  SELECT RAISE(ABORT, 'the journal is append-only');
END;
CREATE TRIGGER journal_is_not_cut BEFORE DELETE ON journal
BEGIN
  SELECT RAISE(ABORT, 'the journal is append-only');
END;
CREATE INDEX imports_of_service ON imports (service, id);
CREATE INDEX inertness_of_service ON inertness (service, id);
COMMIT;
