create table users (
  -- int32 for the status gate; user_id is the public id everywhere else.
  id integer generated always as identity primary key check (id > 0),
  user_id uuid not null unique,
  email text unique check (email = lower(email)),
  cognito_username text,
  fname text,
  lname text,
  date_of_birth date,
  phone_number text,
  address1 text,
  address2 text,
  city text,
  region text,
  postal_code text,
  country text check (country ~ '^[A-Z]{2}$'),
  id_type text check (id_type in ('passport', 'drivers_license', 'national_id', 'other')),
  id_number_sealed text,
  id_number_hash bytea,
  id_number_masked text,
  additional_id_type text check (additional_id_type in ('passport', 'drivers_license', 'national_id', 'other')),
  additional_id_number_sealed text,
  additional_id_number_hash bytea,
  additional_id_number_masked text,
  role text not null check (role in ('retail', 'freelancer', 'org-staff', 'admin', 'super-admin')),
  type text not null check (type in ('user', 'staff', 'merchant', 'org-admin', 'internal-admin')),
  account_type text not null default 'standard' check (account_type in ('standard', 'arbitrator')),
  status text not null check (status in ('pending', 'not_verified', 'sandbox', 'pending_verification', 'active', 'inactive', 'closed', 'rejected', 'blocked')),
  -- What deactivation and blocking return to.
  status_before text,
  -- Who rejected or blocked: 'operator' or a provider's name; only they may lift it. And who held what was interrupted.
  status_by text,
  status_by_before text,
  status_since timestamptz not null,
  email_verified_at timestamptz,
  phone_verified_at timestamptz,
  sca_verified_at timestamptz,
  additional_data_at timestamptz,
  optional_kyc_at timestamptz,
  bridge_customer_id text unique,
  kyc_session_id text,
  kyc_status text,
  kyc_submitted_at timestamptz,
  kyc_approved_at timestamptz,
  kyc_first_approved_at timestamptz,
  kyc_failure_reason text,
  org_id uuid,
  org_ids uuid[] not null default '{}',
  created_by text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null default 1,
  erased_at timestamptz
);
create unique index users_verified_phone on users (phone_number) where phone_verified_at is not null;
create index users_newest on users (created_at desc, id desc);
create index users_by_status on users (status, created_at desc, id desc);
create index users_by_role on users (role, created_at desc, id desc);
create index users_by_type on users (type, created_at desc, id desc);
create index users_by_organisation on users using gin (org_ids);
create index users_id_number on users (id_number_hash) where id_number_hash is not null;
create index users_email_prefix on users (email text_pattern_ops);
create index users_fname_prefix on users (lower(fname) text_pattern_ops);
create index users_lname_prefix on users (lower(lname) text_pattern_ops);
create index users_phone_prefix on users (phone_number text_pattern_ops);

-- What the law has us keep of an erased person, sealed, until its end date.
create table retained_records (
  record_id uuid primary key,
  user_id uuid not null,
  legal_basis text not null,
  sealed text not null,
  retained_at timestamptz not null,
  retain_until timestamptz not null
);
create index retained_records_end on retained_records (retain_until);
