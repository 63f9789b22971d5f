-- A provider that names its events is known by that name for ever; the hash of the body stays the key of the others.
alter table webhook_deliveries add column event_id text;
create unique index webhook_deliveries_by_event on webhook_deliveries (provider, event_id)
  where event_id is not null and signature = 'valid';

-- stale: the signature holds, but it is older than the provider lets it count.
alter table webhook_deliveries drop constraint webhook_deliveries_signature_check;
alter table webhook_deliveries add constraint webhook_deliveries_signature_check
  check (signature in ('valid', 'invalid', 'missing', 'stale')) not valid;
alter table webhook_deliveries validate constraint webhook_deliveries_signature_check;
