create table organisations (
  org_id uuid primary key,
  name text not null,
  status text not null default 'active' check (status in ('active', 'inactive', 'suspended')),
  created_by text,
  created_at timestamptz not null
);
create table organisation_members (
  org_id uuid not null references organisations (org_id),
  user_id uuid not null references users (user_id),
  role text not null check (role in ('admin', 'staff', 'user')),
  added_by text,
  created_at timestamptz not null,
  primary key (org_id, user_id)
);
create index organisation_members_by_user on organisation_members (user_id);
create index organisation_members_in_order on organisation_members (org_id, created_at, user_id);
