ALTER TABLE tasks ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal';
CREATE INDEX tasks_by_priority ON tasks (state, priority);
