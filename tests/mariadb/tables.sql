-- What the tests read: values of every type, tables of other engines, functions and views that hide something.
create table numbers (
  id varchar(20) primary key, amount decimal(65,30), big bigint unsigned, small tinyint, flag tinyint(1), wide tinyint(1) unsigned,
  bits bit(1), many bit(64), f float, d double, z int(6) unsigned zerofill
);
insert into numbers values
  ('exact', '12345678901234567890.1234567890123456789', 18446744073709551615, -128, 1, 200, b'1', ~0, 10.1, 0.000417, 42),
  ('far', '99999999999999999999999999999999999.999999999999999999999999999999', 0, 127, 0, 0, b'0', 0, 16777216, 0.30000000000000004, 0),
  ('small', '-0.000000000000000000000000000001', 9007199254740993, 0, -1, 255, null, null, -1.5, 9007199254740994, null),
  ('null', null, null, null, null, null, null, null, null, null, null);

create table texts (
  id int primary key, c char(5), v varchar(40), t text, l varchar(40) character set latin1, u varchar(40) character set utf8mb3,
  b varbinary(20), raw blob, j json, e enum('paid','void'), s set('a','b'), u4 varchar(40)
);
insert into texts values
  (1, 'ab  ', 'a ', 'tab\tline\nback\\slash', 'é', 'é', x'fffe00', x'00', '{"k": [1, 2]}', 'paid', 'a,b', '😀'),
  (2, '', '', '', '', '', '', '', 'null', 'void', '', 'it''s'),
  (3, null, null, null, null, null, null, null, null, null, null, null);
set sql_mode = '';
insert into texts (id, e) values (4, 'no such word');

create table dates (id varchar(20) primary key, d date, dt datetime(6), ts timestamp(6) null, y year, t time(3));
insert into dates values
  ('plain', '2026-05-01', '2026-05-01 04:00:00.5', '2026-05-01 04:00:00.25', 2026, '-838:59:59'),
  ('zero', '0000-00-00', '0000-00-00', '0000-00-00', 0, 0),
  ('half', '2026-00-10', '2026-05-00 01:02:03', null, 1901, '12:30:00.125'),
  ('null', null, null, null, null, null);
set sql_mode = 'ALLOW_INVALID_DATES';
insert into dates (id, d) values ('never', '2026-02-31');
set sql_mode = default;

create table keysof (id varchar(20) not null, n int not null);
insert into keysof values ('a', 1), ('A', 2), ('a ', 3), ('é', 4), ('e', 5), ('ä', 6), ('ß', 7), ('ss', 8);

create table many (n int primary key, pad varchar(50) not null);
insert into many select seq, repeat('x', 50) from seq_1_to_30000;

create table moving (n int primary key auto_increment, v int not null) engine = InnoDB;
insert into moving (v) values (1), (-1);
create table emptied (g int primary key); insert into emptied select seq from seq_1_to_10;
create table altered (g int primary key); insert into altered select seq from seq_1_to_10;
create table locked (i int primary key);
create database hidden;
create table hidden.secret (id int);

create table old_isam (i int) engine = MyISAM; insert into old_isam values (1);
create table old_aria (i int) engine = Aria;
create view over_isam as select i from old_isam;
create view over_view as select i from over_isam;
create view plain_view as select id, amount from numbers;
create view sleepy_view as select sleep(n) as s from moving;
create view shy_view as select id from numbers;

create sequence counter;
delimiter //
create function borrowed() returns int reads sql data sql security definer begin return 1; end //
create function own() returns int reads sql data sql security invoker begin return 1; end //
create function writes() returns int modifies sql data sql security invoker begin insert into moving (v) values (1); return 1; end //
create function hides_write() returns int reads sql data sql security invoker begin insert into moving (v) values (1); return 1; end //
create function hides_lock() returns int reads sql data sql security invoker begin return get_lock('dualrun-test', 0); end //
create function sets_setting() returns int reads sql data sql security invoker begin set session sql_select_limit = 1; return 1; end //
delimiter ;

create user reader@'%'; grant select on nasty.* to reader@'%';
grant show view on nasty.over_isam to reader@'%'; grant show view on nasty.sleepy_view to reader@'%'; grant show view on nasty.over_view to reader@'%'; grant show view on nasty.plain_view to reader@'%';
create user caller@'%'; grant select, execute on nasty.* to caller@'%';
create user good@'%'; grant select on nasty.* to good@'%';
create user pw_role@'%' identified by 'CANARY-pw-7f3a'; grant select on nasty.* to pw_role@'%';
create user strong@'%'; grant all on *.* to strong@'%' with grant option;
