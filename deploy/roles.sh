#!/bin/sh
# Run once, when the database is made: one role owns the tables and migrates, another serves.
set -eu

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
  --set=database="$POSTGRES_DB" --set=owner_password="$OWNER_PASSWORD" \
  --set=app_password="$APP_PASSWORD" <<'SQL'
CREATE ROLE passage_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE passage_app LOGIN PASSWORD :'app_password';
ALTER DATABASE :"database" OWNER TO passage_owner;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO passage_app;
CREATE EXTENSION IF NOT EXISTS postgis;
SQL
