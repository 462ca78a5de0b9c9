# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.service.shop import ANN, BEN, CAST, CAT, DAN, PRODUCTION, REVIEWER, STAGING, a_stage, act, done
from tests.web.reading import read, shown
from tests.web.worlds import (
    after_an_incident,
    agreed,
    excepted,
    in_an_incident,
    look,
    reader,
    rolling,
    waiting,
    went_back,
)

from interlock.domain.decision import Reason
from interlock.domain.ids import PersonId, PromotionId, ReleaseId
from interlock.service.gather import Ungoverned
from interlock.service.inboxes import inbox as waits_for
from interlock.testing.acts import ApproveFor, RejectFor, Release
from interlock.testing.moves import Pause
from interlock.testing.surprises import PresenceIs, Sight
from interlock.testing.world import World
from interlock.web import calendar, fleet, inbox, incident, measures, pack, record, release, rollout
from interlock.web.figures import Plotter
from interlock.web.look import Look
from interlock.web.measures import Counter
from interlock.web.page import NOBODY, Asked, Page, Place, Surety, Tried, show
from interlock.web.paper import clean, path, span, typed

RITA = PersonId("rita")
V2 = "app:v2"
PROMOTION = "app:v2/production/1"


def test_the_fleet_says_what_runs_where_by_whose_word_and_what_waits_for_whom() -> None:
    page = shown(fleet.page(look(waiting().world)), reader(BEN))
    assert "staging v2" in page.text
    assert "released by" in page.text
    assert "adopted, not verified" in page.text
    assert "review waits for ben, cat (reviewer or release-manager)" in page.text


def test_a_ledger_without_services_says_how_one_begins() -> None:
    assert "interlock adopt" in shown(fleet.page(look(World())), reader(BEN)).text


def test_where_it_cannot_be_told_what_runs_the_fleet_says_what_to_do() -> None:
    stage = waiting()
    assert "running: [PROGRAM]" not in shown(fleet.page(look(stage.world)), reader(BEN)).text
    PresenceIs(presence=Sight.HIDDEN).happen(stage)
    stage.world.settle()
    page = shown(fleet.page(look(stage.world)), reader(BEN))
    assert "production: as written" in page.text
    assert "running: [PROGRAM]" in page.text


def test_what_nobody_released_says_that_it_was_adopted() -> None:
    view = look(waiting().world)
    (row,) = fleet.fleet(view).rows
    cells = tuple(replace(one, by="") for one in row.cells)
    model: dict[str, object] = {"fleet": fleet.Fleet((replace(row, cells=cells),), (), ()), "second": view.now}
    assert "was adopted" in shown(Page("fleet.html", "Fleet", Place.FLEET, model), reader(BEN)).text


def test_what_moves_in_an_environment_leads_to_its_rollout() -> None:
    page = shown(fleet.page(look(rolling().world)), reader(BEN))
    assert f"/rollouts/{PROMOTION}" in page.links
    assert "v2: rolling, 10 % of traffic" in page.text


def test_a_freeze_and_an_exception_that_wait_stand_on_the_fleet() -> None:
    page = shown(fleet.page(look(excepted().world)), reader(BEN))
    assert "production: frozen until" in page.text
    assert "a waiver of rollback-plan" in page.text


def test_a_release_shows_its_line_and_where_the_signal_is_at_stop() -> None:
    page = shown(release.page(look(waiting().world), V2, reader(BEN)), reader(BEN))
    assert "agreed the signal is at stop" in page.text
    assert "production into production: ahead" in page.text


def test_every_leaf_of_a_gate_opens_to_the_evidence_behind_it() -> None:
    page = shown(release.page(look(waiting().world), V2, reader(BEN)), reader(BEN))
    assert "evidence 1 of 'tests'" in page.text
    assert "Readings, newest first" in page.text


def test_only_what_somebody_may_say_is_offered_to_them() -> None:
    view = look(waiting().world)
    reviewer, author = (shown(release.page(view, V2, one), one) for one in (reader(BEN), reader(ANN)))
    assert reviewer.has_form("production-approve-review")
    assert not author.has_form("production-approve-review")
    assert author.has_form("production-sign-rollback-plan")


def test_who_may_both_sign_and_approve_is_shown_the_evidence_of_each_by_a_name_of_its_own() -> None:
    page = shown(release.page(look(waiting().world), V2, reader(CAT)), reader(CAT))
    assert page.has_form("production-sign-rollback-plan")
    assert page.has_form("production-approve-review")
    assert len([one for one in page.regions if one.startswith("Evidence that ")]) == 2


def test_two_gates_that_ask_for_the_same_are_told_apart() -> None:
    page = release.page(look(waiting().world), V2, reader(BEN))
    one = page.model["one"]
    assert isinstance(one, release.Whole)
    both = (*one.before, *(replace(before, environment=STAGING, offers=()) for before in one.before))
    regions = shown(replace(page, model={**page.model, "one": replace(one, before=both)}), reader(BEN)).regions
    assert {"Readings of tests before production", "Readings of tests before staging"} <= set(regions)


def test_who_waits_for_a_freeze_is_told_when_it_ends_by_itself() -> None:
    view = look(excepted().world)
    for page in (fleet.page(view), release.page(view, V2, reader(BEN))):
        text = shown(page, reader(BEN)).text
        assert "in force until 2026-03-02 15:00 UTC; it ends by itself, or sooner when a person lifts it" in text
        assert "freeze-1 waits for a person" not in text


def test_somebody_who_is_not_signed_in_is_offered_nothing() -> None:
    assert [one.action for one in shown(release.page(look(waiting().world), V2, NOBODY), NOBODY).forms] == [
        f"/releases/{V2}"
    ]


def test_what_would_be_approved_is_shown_whole() -> None:
    view = look(waiting().world)
    page = shown(release.page(view, V2, reader(BEN)), reader(BEN))
    one = view.view.release(ReleaseId(V2))
    assert one.digest in page.text
    assert "The evidence it covers" in page.text
    assert page.form("production-approve-review").fields["fingerprint"].startswith("sha256:")


def test_where_a_signature_is_asked_a_click_is_not_offered() -> None:
    unsure = reader(BEN, Surety.AUTHENTICATED)
    page = shown(release.page(look(waiting().world), V2, unsure), unsure)
    assert not page.has_form("production-approve-review")
    assert "interlock approve v2" in page.text


def test_an_open_gate_offers_the_promotion_and_says_what_will_happen() -> None:
    page = shown(release.page(look(agreed().world), V2, reader(DAN)), reader(DAN))
    assert page.form("production-promote").fields["environment"] == "production"
    assert "it goes back by itself" in page.text


def test_words_that_died_stand_there_with_their_cause() -> None:
    stage = agreed()
    done(act(stage, RejectFor(reject=PRODUCTION, by=CAT)))
    page = shown(release.page(look(stage.world), V2, reader(BEN)), reader(BEN))
    assert "cat rejected" in page.text


def test_a_supposition_opens_the_gate_only_as_a_question() -> None:
    view = look(waiting().world)
    supposed = ("word:rollback-plan:ann", "word:review:ben")
    page = shown(release.page(view, V2, reader(BEN), supposed), reader(BEN))
    assert "Before production open supposed" in page.text
    assert not page.has_form("production-promote")
    assert "Before production at stop" in shown(release.page(view, V2, reader(BEN)), reader(BEN)).text


def test_a_waiver_can_be_supposed_too() -> None:
    view = look(waiting().world)
    page = shown(release.page(view, V2, reader(BEN), ("waive:rollback-plan", "word:review:ben")), reader(BEN))
    assert "Before production open supposed" in page.text


def test_an_exception_that_was_asked_for_is_granted_by_somebody_else() -> None:
    view = look(excepted().world)
    asker, other = (shown(release.page(view, V2, one), one) for one in (reader(ANN), reader(BEN)))
    assert other.has_form("grant-v2.rollback-plan")
    assert not asker.has_form("grant-v2.rollback-plan")


@pytest.mark.parametrize("surety", list(Surety))
def test_the_way_back_takes_no_key(surety: Surety) -> None:
    who = reader(BEN, surety)
    assert shown(release.page(look(waiting().world), "app:v1", who), who).has_form("rollback-production")
    assert shown(rollout.page(look(rolling().world), PROMOTION, who), who).has_form("rollback-production")
    trouble = shown(incident.page(look(in_an_incident()), "i1", who), who)
    assert any(one.fields.get("act") == "rollback" for one in trouble.forms)


def test_what_runs_somewhere_can_be_rolled_back_from_its_page() -> None:
    view = look(waiting().world)
    here, elsewhere = (shown(release.page(view, one, reader(BEN)), reader(BEN)) for one in (V2, "app:v1"))
    fields = here.form("rollback-staging").fields
    assert (fields["service"], fields["environment"]) == ("app", "staging")
    assert not here.has_form("rollback-production")
    assert elsewhere.has_form("rollback-production")


def test_a_release_that_ended_offers_nothing() -> None:
    page = shown(release.page(look(went_back().world), V2, reader(BEN)), reader(BEN))
    assert "Nothing more is decided about this release" in page.text


def test_a_release_nobody_knows_is_unknown() -> None:
    with pytest.raises(Ungoverned, match="no release"):
        release.page(look(waiting().world), "app:v9", reader(BEN))


def test_what_strangers_wrote_stays_text() -> None:
    text = show(release.page(look(waiting().world), V2, reader(BEN)), Asked(reader(BEN), "/x"))
    assert "<tasks>" not in text
    assert "<tasks>" in read(text).text


def asked_of(person: PersonId, view: Look) -> list[str]:
    """What the inbox asks of somebody, in its order; the page links each to where it is done."""
    items = waits_for(view.viewer, view.services, person)
    page = show(inbox.page(view, reader(person)), Asked(reader(person), "/inbox"))
    assert all(f'href="{path(*inbox.href(item))}"' in page for item in items)
    return [item.asked for item in items]


def test_the_inbox_holds_what_waits_for_its_reader_alone() -> None:
    view = look(waiting().world)
    assert asked_of(BEN, view) == ["review"]
    assert asked_of(DAN, view) == ["rollback-plan"]


def test_what_bites_first_stands_first_in_the_inbox() -> None:
    assert asked_of(BEN, look(excepted().world)) == ["grant a waiver", "review"]


def test_a_step_that_asks_is_in_the_inbox_of_whom_it_asks() -> None:
    stage = rolling(40)
    assert "the next step" in asked_of(CAT, look(stage.world))
    page = shown(rollout.page(look(stage.world), PROMOTION, reader(CAT)), reader(CAT))
    assert page.form("agree").fields["step"] == "1"


def test_what_an_incident_owes_is_in_the_inbox_of_its_role() -> None:
    assert asked_of(RITA, look(in_an_incident())) == ["timeline"]


def test_an_empty_inbox_says_so() -> None:
    page = shown(inbox.page(look(a_stage().world), reader(BEN)), reader(BEN))
    assert "nothing waits for you" in page.text


def test_a_rollout_shows_both_arms_the_evidence_and_its_bound() -> None:
    page = shown(rollout.page(look(rolling().world), PROMOTION, reader(BEN)), reader(BEN))
    assert "10 % of all traffic" in page.text
    assert "it goes back at 100" in page.text
    assert "candidate v2" in page.text
    assert "stable v1" in page.text


def test_calling_a_rollout_off_says_what_will_happen() -> None:
    page = shown(rollout.page(look(rolling().world), PROMOTION, reader(BEN)), reader(BEN))
    assert "All traffic goes to v1 at once" in page.text
    assert page.form("abort").fields["promotion"] == PROMOTION


def test_a_paused_rollout_can_be_resumed_and_not_paused_again() -> None:
    stage = rolling()
    done(act(stage, Pause(pause=PRODUCTION, by=BEN)))
    page = shown(rollout.page(look(stage.world), PROMOTION, reader(BEN)), reader(BEN))
    assert page.has_form("resume")
    assert not page.has_form("pause")


def test_a_rollout_that_went_back_says_why_and_where() -> None:
    page = shown(rollout.page(look(went_back().world), PROMOTION, reader(BEN)), reader(BEN))
    assert "returned" in page.text
    assert not page.has_form("abort")


def test_figures_are_of_one_length_and_are_drawn_alike_however_often_one_looks() -> None:
    stage, plotter = rolling(10), Plotter()
    plotter.figures(stage.world.store, PromotionId(PROMOTION))
    stage.world.work(timedelta(seconds=10))
    drawn = plotter.figures(stage.world.store, PromotionId(PROMOTION))
    columns = (drawn.share, drawn.errors_stable, drawn.latency_candidate, drawn.evidence, drawn.bands[0].high)
    assert {len(one) for one in columns} == {len(drawn.at)}
    assert drawn == Plotter().figures(stage.world.store, PromotionId(PROMOTION))


def test_of_a_ledger_that_was_put_back_nothing_is_counted_or_drawn_that_is_not_in_it() -> None:
    counter, plotter, before, shorter = Counter(), Plotter(), waiting().world.store, rolling(10).world.store
    counter.counted(agreed().world.store)
    plotter.figures(rolling(20).world.store, PromotionId(PROMOTION))
    assert counter.counted(before) == Counter().counted(before)
    assert plotter.figures(shorter, PromotionId(PROMOTION)) == Plotter().figures(shorter, PromotionId(PROMOTION))


def test_what_moves_on_a_rollouts_page_comes_with_a_token_that_numbers_do_not_change() -> None:
    stage = rolling(10)
    drawn = Plotter().figures(stage.world.store, PromotionId(PROMOTION))
    before = rollout.live(look(stage.world), PROMOTION, drawn)["token"]
    stage.world.work(timedelta(seconds=3))
    assert rollout.shown(look(stage.world), PROMOTION, reader(BEN)).token == before


def test_an_incident_shows_its_clocks_who_decides_and_what_it_owes() -> None:
    page = shown(incident.page(look(in_an_incident()), "i1", reader(RITA)), reader(RITA))
    assert "release-manager decides that" in page.text
    assert "prevention" in page.text
    assert page.form("write-timeline").fields["act"] == "write"


def test_what_happened_in_an_incident_is_told_to_the_second() -> None:
    page = shown(incident.page(look(in_an_incident()), "i1", reader(RITA)), reader(RITA))
    assert "2026-03-02 09:00:00 UTC dev opened the incident" in page.text


def test_a_mandate_is_told_in_words() -> None:
    page = shown(incident.page(look(in_an_incident()), "i1", reader(RITA)), reader(RITA))
    assert "decides where it is about security or active-threat" in page.text


def test_a_report_is_drafted_from_what_is_known() -> None:
    page = shown(incident.page(look(in_an_incident()), "i1", reader(RITA)), reader(RITA))
    assert "opened the incident" in page.form("write-timeline").fields["document"]


def test_a_message_is_drafted_with_blanks_where_somebody_must_say_more() -> None:
    page = shown(incident.page(look(in_an_incident()), "i1", reader(RITA)), reader(RITA))
    fields = page.form("send-progress").fields
    assert any(name.startswith("field.") for name in fields)


def test_a_closed_incident_owes_nothing_and_offers_nothing() -> None:
    page = shown(incident.page(look(after_an_incident()), "i1", reader(RITA)), reader(RITA))
    assert not page.has_form("close")
    assert "closed the incident" in page.text


def test_incidents_are_listed_open_ones_first() -> None:
    page = shown(incident.listing(look(in_an_incident())), reader(RITA))
    assert "i1 open major" in page.text
    assert page.has_form("incident-app")


def test_an_incident_nobody_knows_is_unknown() -> None:
    with pytest.raises(Ungoverned, match="no incident"):
        incident.page(look(in_an_incident()), "i9", reader(RITA))


def test_a_procedure_is_a_map_with_its_statements_and_what_carries_them() -> None:
    page = shown(pack.page(look(in_an_incident()), "app"), reader(RITA))
    assert "62 of 62 statements are carried" in page.text
    assert "#statement-OA-10" in page.links
    assert "statement-OA-10" in page.ids


def test_between_a_statement_and_what_follows_it_there_is_a_gap() -> None:
    text = show(pack.page(look(in_an_incident()), "app"), Asked(reader(RITA), "/here"))
    assert "may be waived" in text
    assert '</a><span class="quiet small">may be waived' not in text


def test_a_procedure_of_ones_own_says_where_its_statements_are() -> None:
    page = shown(pack.page(look(rolling().world), "app"), reader(BEN))
    assert "interlock pack coverage" in page.text
    assert "traffic by steps: 10 %, ask release-manager, 50 %" in page.text


def test_a_service_nobody_knows_has_no_procedure() -> None:
    with pytest.raises(Ungoverned, match="no service"):
        pack.page(look(a_stage().world), "shop")


def test_the_calendar_shows_windows_freezes_and_what_waits() -> None:
    frozen = shown(calendar.page(look(excepted().world)), reader(BEN))
    assert "production frozen" in frozen.text
    assert frozen.has_form("lift-freeze-1")
    assert "window 08:00 to" in shown(calendar.page(look(in_an_incident())), reader(RITA)).text


def test_a_calendar_without_anything_says_so() -> None:
    said = "Nothing is planned from 2 Mar to 29 Mar"
    assert said in shown(calendar.page(look(a_stage().world)), reader(BEN)).text
    assert said not in shown(calendar.page(look(excepted().world)), reader(BEN)).text


def test_the_ledger_is_read_newest_first_and_page_by_page() -> None:
    view = look(after_an_incident())
    first = shown(record.page(view), reader(RITA))
    size = view.store.head().size
    assert f"/ledger/records/{size - 1}" in first.links
    assert f"/ledger?stream=&before={size - 50}" in first.links
    second = shown(record.page(view, before=size - 50), reader(RITA))
    assert f"/ledger/records/{size - 51}" in second.links


def test_the_ledger_can_be_read_by_stream() -> None:
    page = shown(record.page(look(waiting().world), "release/"), reader(BEN))
    assert "ReleaseCreated" in page.text
    assert "PersonAdded" not in page.text


@pytest.mark.parametrize("index", [0, 1, 17])
def test_a_record_is_proven_to_stand_in_what_was_signed(index: int) -> None:
    page = shown(record.record_page(look(waiting().world), index, proven="shown"), reader(BEN))
    assert "it does Leaf" in page.text


def test_a_record_that_is_not_there_is_unknown() -> None:
    with pytest.raises(Ungoverned, match="no record"):
        record.record_page(look(waiting().world), 10_000)


def test_delivery_is_measured_from_the_ledger_and_what_is_new_alone_is_read() -> None:
    stage, counter = agreed(), Counter()
    measures.page(look(stage.world), counter)
    before = counter.tally.size
    done(act(stage, Release(release="v3", by=ANN)))
    stage.world.settle()
    page = shown(measures.page(look(stage.world), counter), reader(BEN))
    assert counter.tally.size > before
    assert "rollback-plan 1" in page.text


def test_what_went_back_counts_as_badly_delivered() -> None:
    page = shown(measures.page(look(went_back().world), Counter()), reader(BEN))
    assert "100 % 1 of 1 tried went back" in page.text


def test_a_refused_form_comes_back_with_every_reason_and_what_was_written() -> None:
    reason = Reason("approval.author", "ann wrote `it`", "ask another person")
    tried = Tried("production-approve-review", {"comment": "fine by me"}, (reason,))
    page = shown(release.page(look(waiting().world), V2, reader(BEN)), reader(BEN), tried=tried)
    assert "ann wrote it approval.author ask another person" in page.text
    assert page.form("production-approve-review").fields["comment"] == "fine by me"
    assert "/explain/approval.author" in page.links


def test_what_was_accepted_is_told() -> None:
    assert "done It is so." in shown(fleet.page(look(a_stage().world)), reader(BEN), done="It is so.").text


def test_a_rejection_shows_whose_it_is() -> None:
    stage = waiting()
    done(act(stage, ApproveFor(approve=PRODUCTION, by=BEN)))
    page = shown(release.page(look(stage.world), V2, reader(CAT)), reader(CAT))
    assert "ben approved" in page.text


def test_characters_that_are_no_text_are_replaced() -> None:
    assert clean("a\u202eb\x1b[31m\n") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}[31m\n"


def test_what_stands_between_backticks_is_something_to_type_and_is_escaped() -> None:
    assert str(typed("do `a <b>` now")) == "do <code>a &lt;b&gt;</code> now"


@pytest.mark.parametrize(
    ("length", "words"),
    [(timedelta(0), "0 s"), (timedelta(seconds=61), "1 min 1 s"), (timedelta(days=2, hours=3, minutes=4), "2 d 3 h")],
    ids=["nothing", "a minute", "days"],
)
def test_a_length_of_time_is_said_in_its_two_largest_units(length: timedelta, words: str) -> None:
    assert span(length) == words


def test_the_procedures_page_says_where_a_role_is_held() -> None:
    posted = replace(CAST, posts={STAGING: {REVIEWER: (PersonId("eve"),)}})
    page = shown(pack.page(look(a_stage(cast=posted).world), "app"), reader(BEN))
    assert "ben, eve (staging)" in page.text
