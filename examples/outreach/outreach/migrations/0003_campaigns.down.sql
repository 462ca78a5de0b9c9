DROP TABLE figures;
DROP TABLE messages;
DROP TABLE campaigns;
