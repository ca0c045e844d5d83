-- Give lists of users in the orders that consoles ask for without sorting, and find users by name. The expressions are
-- those of the lists, letter by letter, else SQLite would not see that they are the same.

CREATE INDEX users_by_name ON users (project, (data ->> '$.name'));
CREATE INDEX users_by_creation ON users (project, (data ->> '$.created_at'));
