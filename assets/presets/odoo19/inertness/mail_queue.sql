-- Mails that wait to be sent. The example is the mail's id: an address is nobody's business.
select count(*) as breaches, min(id)::text as example
from mail_mail
where state = 'outgoing'
