-- An operator has said whose session this is: whom the provider names is not cross-checked any more.
alter table kyc_sessions add column hint_waived boolean not null default false;

-- What the clean-up looks for: deliveries whose signature does not hold, and bodies that no person's erasure reaches.
create index webhook_deliveries_refused on webhook_deliveries (received_at) where outcome = 'refused';
create index webhook_deliveries_of_nobody on webhook_deliveries (received_at)
  where sealed_for is null and raw_sealed is not null;
