DROP TABLE tasks;
DROP TABLE contacts;
DROP TABLE failed_logins;
DROP TABLE sessions;
DROP TABLE users;
