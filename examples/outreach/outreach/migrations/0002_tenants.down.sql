-- Without tenants everybody sees everything, so what belongs to others than the first tenant goes with them.
DELETE FROM tasks WHERE tenant_id <> 1;
DELETE FROM contacts WHERE tenant_id <> 1;
DELETE FROM users WHERE tenant_id <> 1;
DROP INDEX tasks_by_tenant;
DROP INDEX contacts_by_tenant;
CREATE UNIQUE INDEX contacts_by_email ON contacts (email);
ALTER TABLE tasks DROP COLUMN tenant_id;
ALTER TABLE contacts DROP COLUMN tenant_id;
ALTER TABLE users DROP COLUMN tenant_id;
DROP TABLE tenants;
