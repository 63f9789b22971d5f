-- Rights and facts that a process keeps in memory count only as long as nothing of them has changed. Whoever changes
-- them writes here what it was, in the same transaction; whoever uses them asks with every use what has come since the
-- snapshot of the last time. Unlogged: a crash empties it, and after a restart of the server nothing kept counts.
create unlogged table changes (
  xid xid8 not null default pg_current_xact_id(),
  kind text not null,
  -- Null: any of this kind.
  key text
);
create index changes_by_xid on changes (xid);

-- Changes of transactions below `below` are no longer here: who has not asked for so long keeps nothing. `next` is where
-- the next turn prunes to.
create table changes_pruned (
  one boolean primary key default true check (one),
  below xid8 not null,
  next xid8 not null,
  turned_at timestamptz not null
);
insert into changes_pruned (below, next, turned_at)
  select xmin, xmin, now() from pg_snapshot_xmin(pg_current_snapshot()) as now (xmin);

-- They work with the rights of their owner and a path of their own: whoever may change a user, by whatever way and role,
-- may have it noted.
create function note_standing_change() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.changes (kind, key) values ('standings', old.user_id::text);
  return null;
end $$;
create function note_gate_facts_change() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.changes (kind, key) values ('gate facts', old.id::text);
  return null;
end $$;
create function note_log_in_change() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.changes (kind, key) values ('log-ins', old.grant_id);
  return null;
end $$;
create function note_service_account_change() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.changes (kind, key) values ('service accounts', old.client_id);
  return null;
end $$;
create function note_changes_of_all() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.changes (kind) select unnest(tg_argv);
  return null;
end $$;

-- What is new is kept by nobody: only what was there before can have been read.
create trigger standing_changed after update on users for each row
  when ((old.id, old.user_id, old.role, old.type, old.status, old.erased_at, old.permissions, old.sca_verified_at)
    is distinct from (new.id, new.user_id, new.role, new.type, new.status, new.erased_at, new.permissions, new.sca_verified_at))
  execute function note_standing_change();
create trigger standing_deleted after delete on users for each row execute function note_standing_change();
create trigger gate_facts_changed after update on users for each row
  when ((old.id, old.status, old.email_verified_at, old.phone_verified_at, old.sca_verified_at, old.additional_data_at, old.optional_kyc_at)
    is distinct from (new.id, new.status, new.email_verified_at, new.phone_verified_at, new.sca_verified_at, new.additional_data_at, new.optional_kyc_at))
  execute function note_gate_facts_change();
create trigger gate_facts_deleted after delete on users for each row execute function note_gate_facts_change();
create trigger users_emptied after truncate on users for each statement
  execute function note_changes_of_all('standings', 'gate facts');
create trigger log_in_changed after update or delete on oidc_records for each row
  when (old.model = 'Grant') execute function note_log_in_change();
create trigger log_ins_emptied after truncate on oidc_records for each statement
  execute function note_changes_of_all('log-ins');
create trigger service_account_changed after update or delete on service_accounts for each row
  execute function note_service_account_change();
create trigger service_accounts_emptied after truncate on service_accounts for each statement
  execute function note_changes_of_all('service accounts');
-- That a token is not revoked is kept, too. Records have hashes of its id only, and few are ever revoked.
create trigger token_revoked after insert on oidc_records for each row
  when (new.model = 'RevokedToken') execute function note_changes_of_all('revoked tokens');

-- Whatever applies a change, a replica's apply worker and a restore included.
alter table users enable always trigger standing_changed;
alter table users enable always trigger standing_deleted;
alter table users enable always trigger gate_facts_changed;
alter table users enable always trigger gate_facts_deleted;
alter table users enable always trigger users_emptied;
alter table oidc_records enable always trigger log_in_changed;
alter table oidc_records enable always trigger log_ins_emptied;
alter table oidc_records enable always trigger token_revoked;
alter table service_accounts enable always trigger service_account_changed;
alter table service_accounts enable always trigger service_accounts_emptied;
