#!/bin/sh
# Makes the two roles of docs/operator.md when the database is new: one owns and migrates, the other serves. Their passwords are that of postgres.
set -eu
password=$(cat /run/secrets/postgres)
psql --username postgres --set ON_ERROR_STOP=1 --set password="$password" <<'SQL'
CREATE ROLE kassa_owner LOGIN PASSWORD :'password';
CREATE ROLE kassa LOGIN PASSWORD :'password';
CREATE DATABASE kassa OWNER kassa_owner;
\connect kassa
ALTER SCHEMA public OWNER TO kassa_owner;
GRANT USAGE ON SCHEMA public TO kassa;
ALTER DEFAULT PRIVILEGES FOR ROLE kassa_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO kassa;
ALTER DEFAULT PRIVILEGES FOR ROLE kassa_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO kassa;
ALTER DEFAULT PRIVILEGES FOR ROLE kassa_owner IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO kassa;
SQL
