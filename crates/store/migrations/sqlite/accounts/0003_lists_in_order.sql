-- Give pages of lists in the order of creation without sorting, as users_in_order does.

CREATE INDEX teams_in_order ON teams (project);
CREATE INDEX memberships_in_order ON memberships (project, team);
