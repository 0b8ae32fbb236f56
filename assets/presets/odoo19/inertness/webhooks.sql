-- Actions that call another system. The example is the action's id: a webhook's address is a secret.
select count(*) as breaches, min(id)::text as example
from ir_act_server
where state = 'webhook' and webhook_url is not null
