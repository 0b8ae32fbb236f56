-- The tables of Odoo that the runbook asks about, in which every check holds.
create table ir_module_module (id serial primary key, name varchar not null unique, state varchar);
create table res_currency (id serial primary key, name varchar(3) not null unique);
create table res_company (id serial primary key, name varchar not null unique, currency_id int4 not null references res_currency);
create table sale_order (id serial primary key, name varchar not null, state varchar default 'draft', company_id int4 not null references res_company,
  x_fc_nexacloud_subscription_id varchar);
create table fusion_billing_charge (id serial primary key, metric varchar not null, external_plan_id varchar, plan_id int4, active bool default true);
insert into ir_module_module (name, state) values ('base', 'installed'), ('sale', 'installed'), ('account', 'installed');
insert into res_currency (name) values ('CAD'), ('EUR');
insert into res_company (name, currency_id) values ('Nexa', 1);
insert into sale_order (name, company_id, x_fc_nexacloud_subscription_id) values ('S1', 1, '20000000-0000-0000-0000-000000000000'), ('S2', 1, null);
insert into fusion_billing_charge (metric, external_plan_id) values ('cpu_seconds', 'large');
