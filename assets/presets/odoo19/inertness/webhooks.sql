-- Actions that call another system.
select count(*) as breaches, min(webhook_url) as example
from ir_act_server
where state = 'webhook' and webhook_url is not null
