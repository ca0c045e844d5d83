"""Teams: each method with good and with bad input, as a server and as members call it."""

from appwrite.id import ID
from appwrite.query import Query
from appwrite.services.teams import Teams

from checks import backend, equal, refused
from sweeping.people import Person, guest, invalid, moments, new_user, out

teams = Teams(backend())


def unknown(call):
    refused(404, "team_not_found", call)


def forbidden(call):
    refused(401, "user_unauthorized", call)


class Crew:
    """A team that its owner made, with a member, and somebody who has no part in it."""

    def __init__(self):
        owner, member, stranger = Person(), Person(), Person()
        self.owner, self.member, self.stranger = (Teams(one.client) for one in (owner, member, stranger))
        self.id = self.owner.create(ID.unique(), "Crew").id
        self.member_id = member.id
        self.membership = teams.create_membership(self.id, ["helm"], user_id=member.id).id

    def look(self):
        return teams.get(self.id), teams.list_memberships(self.id)


def unchanged(calls):
    """Holds that refused calls leave a team and its members as they were."""
    crew = Crew()
    before = crew.look()
    calls(crew)
    equal(crew.look(), before, "the team")


class TeamsMethods:
    """One class a method."""

    class list:
        def good():
            crew = Crew()
            found = crew.member.list([Query.equal("name", "Crew")], search=crew.id)
            equal((found.total, [team.id for team in found.teams]), (1, [crew.id]), "what a member lists")
            equal(crew.stranger.list().total, 0, "what a stranger lists")

        def bad():
            invalid(lambda: teams.list([Query.equal("prefs", "x")]))
            refused(400, "general_cursor_not_found", lambda: teams.list([Query.cursor_after("nowhere")]))
            out(lambda: guest(Teams).list())

    class create:
        def good():
            team_id = ID.unique()
            made = Teams(Person().client).create(team_id, "Band", ["drums"])
            equal((made.id, made.name, made.total), (team_id, "Band", 1), "the team")
            moments(made.createdat, made.updatedat)
            equal(teams.list_memberships(team_id).memberships[0].roles, ["drums", "owner"], "its maker's roles")

        def bad():
            def calls(crew):
                refused(409, "team_already_exists", lambda: crew.owner.create(crew.id, "x"))
                invalid(lambda: teams.create(ID.unique(), ""))
                invalid(lambda: teams.create("_x", "x"))

            unchanged(calls)

    class get:
        def good():
            crew = Crew()
            team = crew.member.get(crew.id)
            equal((team.id, team.name, team.total), (crew.id, "Crew", 2), "the team")

        def bad():
            crew = Crew()
            unknown(lambda: crew.stranger.get(crew.id))
            unknown(lambda: teams.get("nowhere"))

    class update_name:
        def good():
            crew = Crew()
            equal(crew.owner.update_name(crew.id, "Cast").name, "Cast", "the name")
            equal(teams.get(crew.id).name, "Cast", "what is kept")

        def bad():
            def calls(crew):
                forbidden(lambda: crew.member.update_name(crew.id, "Mine"))
                unknown(lambda: crew.stranger.update_name(crew.id, "Mine"))
                invalid(lambda: crew.owner.update_name(crew.id, "x" * 129))

            unchanged(calls)

    class delete:
        def good():
            crew = Crew()
            crew.owner.delete(crew.id)
            unknown(lambda: teams.get(crew.id))

        def bad():
            def calls(crew):
                forbidden(lambda: crew.member.delete(crew.id))
                unknown(lambda: crew.stranger.delete(crew.id))
                unknown(lambda: teams.delete("nowhere"))

            unchanged(calls)

    class list_memberships:
        def good():
            crew = Crew()
            found = teams.list_memberships(crew.id, [Query.equal("userId", crew.member_id)])
            equal((found.total, [one.id for one in found.memberships]), (1, [crew.membership]), "the list")

        def bad():
            crew = Crew()
            unknown(lambda: crew.stranger.list_memberships(crew.id))
            invalid(lambda: teams.list_memberships(crew.id, [Query.equal("secret", "x")]))

    class create_membership:
        def good():
            crew, user = Crew(), new_user()
            made = teams.create_membership(crew.id, ["sails"], user_id=user.id)
            facts = (made.userid, made.username, made.useremail, made.teamid, made.teamname, made.confirm, made.roles)
            expected = (user.id, "Ada", user.email, crew.id, "Crew", True, ["sails"])
            equal(facts, expected, "the membership")
            moments(made.createdat, made.invited, made.joined)
            equal(teams.get(crew.id).total, 3, "how many are in the team")

        def bad():
            def calls(crew):
                again = lambda: teams.create_membership(crew.id, [], user_id=crew.member_id)
                refused(409, "membership_already_confirmed", again)
                nobody = lambda: teams.create_membership(crew.id, [], user_id="nobody")
                refused(404, "user_not_found", nobody)
                unknown(lambda: teams.create_membership("nowhere", [], user_id=crew.member_id))
                invalid(lambda: teams.create_membership(crew.id, []))
                by_mail = lambda: crew.owner.create_membership(
                    crew.id, [], email="new@example.com", url="http://localhost/join"
                )
                refused(503, "general_smtp_disabled", by_mail)

            unchanged(calls)

    class get_membership:
        def good():
            crew = Crew()
            got = teams.get_membership(crew.id, crew.membership)
            equal((got.id, got.userid, got.roles), (crew.membership, crew.member_id, ["helm"]), "the membership")
            seen = crew.member.get_membership(crew.id, crew.membership)
            equal(seen.useremail, "", "what members may not see")

        def bad():
            crew = Crew()
            unknown(lambda: crew.stranger.get_membership(crew.id, crew.membership))
            refused(404, "membership_not_found", lambda: teams.get_membership(crew.id, "none"))

    class update_membership:
        def good():
            crew = Crew()
            changed = crew.owner.update_membership(crew.id, crew.membership, ["helm", "cook"])
            equal(changed.roles, ["helm", "cook"], "the roles")
            equal(teams.get_membership(crew.id, crew.membership).roles, ["helm", "cook"], "what is kept")

        def bad():
            def calls(crew):
                forbidden(lambda: crew.member.update_membership(crew.id, crew.membership, ["owner"]))
                unknown(lambda: crew.stranger.update_membership(crew.id, crew.membership, ["owner"]))
                missing = lambda: crew.owner.update_membership(crew.id, "none", ["owner"])
                refused(404, "membership_not_found", missing)
                invalid(lambda: crew.owner.update_membership(crew.id, crew.membership, "owner"))

            unchanged(calls)

    class delete_membership:
        def good():
            crew = Crew()
            crew.member.delete_membership(crew.id, crew.membership)
            unknown(lambda: crew.member.get(crew.id))
            equal(teams.get(crew.id).total, 1, "how many are left")

        def bad():
            def calls(crew):
                unknown(lambda: crew.stranger.delete_membership(crew.id, crew.membership))
                refused(404, "team_invite_not_found", lambda: crew.owner.delete_membership(crew.id, "none"))

            unchanged(calls)

    class update_membership_status:
        good = "no client can have the secret: it comes by mail, and none is sent; tests/teams/invitations.rs accepts one"

        def bad():
            def calls(crew):
                accept = guest(Teams).update_membership_status
                guess = lambda: accept(crew.id, crew.membership, crew.member_id, "guessed")
                refused(401, "team_invalid_secret", guess)
                missing = lambda: accept(crew.id, "none", crew.member_id, "guessed")
                refused(404, "membership_not_found", missing)
                invalid(lambda: accept(crew.id, crew.membership, crew.member_id, ""))

            unchanged(calls)

    class get_prefs:
        def good():
            crew = Crew()
            equal(crew.member.get_prefs(crew.id).data, {}, "the prefs of a new team")

        def bad():
            crew = Crew()
            unknown(lambda: crew.stranger.get_prefs(crew.id))

    class update_prefs:
        def good():
            crew = Crew()
            equal(crew.owner.update_prefs(crew.id, {"colour": "blue"}).data, {"colour": "blue"}, "the answer")
            equal(crew.owner.get_prefs(crew.id).data, {"colour": "blue"}, "what is kept")

        def bad():
            def calls(crew):
                forbidden(lambda: crew.member.update_prefs(crew.id, {}))
                invalid(lambda: crew.owner.update_prefs(crew.id, ["a"]))

            unchanged(calls)
