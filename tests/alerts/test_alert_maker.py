from msgspec.json import decode, encode

from pipeline.alerts.alert_maker import AlertMaker, with_all_of_a_burst
from pipeline.alerts.alert_rule import AlertRule
from pipeline.core.event import Alert, Event

MAKER = AlertMaker(
    camera_name={"lobby": "The lobby"}.get,  # type: ignore[arg-type]
    link_to="https://watch.example/e/{}".format,
    page="https://watch.example/#alerts",
)
EVENT = Event(
    id="a", type="zone_enter", camera="lobby", started_at=1_700_000_000.0, zone="door", label="person", score=0.9
)


def rule(**message: str) -> AlertRule:
    zone = {"time_zone": "Asia/Tokyo"}
    return AlertRule.model_validate({"name": "night", "send": "phone", "message": zone | message})


def test_an_alert_has_its_words_its_link_and_a_key_that_stays() -> None:
    alert = MAKER.alert(rule(), EVENT)
    assert alert.title == "Person entered door, The lobby, 07:13"
    assert alert.text.startswith("Person entered door.\nThe lobby, 15 November 2023, 07:13:20\n")
    assert (alert.url, alert.camera_name) == ("https://watch.example/e/a", "The lobby")
    assert alert.time is not None and alert.time.isoformat() == "2023-11-15T07:13:20+09:00"
    assert alert.id == MAKER.alert(rule(title="Other words"), EVENT).id
    assert not alert.test


def test_the_words_of_the_rule() -> None:
    alert = MAKER.alert(rule(title="{{ label | upper }} {{ time.hour }}h", text="See {{ url }}"), EVENT)
    assert (alert.title, alert.text) == ("PERSON 7h", "See https://watch.example/e/a")


def test_a_test_says_so_and_shows_the_words_of_the_rule() -> None:
    alert = MAKER.test(rule(text="Look at {{ camera_name }}!"), "lobby", EVENT.started_at)
    assert alert.title == "Test: nothing has happened, The lobby, 07:13"
    assert alert.text == ('This is a test of the alert rule "night". Nothing has happened.\n\nLook at The lobby!')
    assert (alert.test, alert.url, alert.event.type) == (True, "https://watch.example/#alerts", "test")


def test_an_alert_that_was_written_down_reads_the_same_again() -> None:
    alert = MAKER.alert(rule(), EVENT)
    assert decode(encode(alert), type=Alert) == alert


def test_an_escalation_has_a_key_of_its_own_that_stays() -> None:
    later = MAKER.alert(rule(), EVENT, escalation=True)
    assert later.escalation and later.id != MAKER.alert(rule(), EVENT).id
    assert later.id == MAKER.alert(rule(), EVENT, escalation=True).id


def test_a_burst_is_told_with_all_that_happened() -> None:
    alone = MAKER.alert(rule(text="{{ what }}."), EVENT)
    assert with_all_of_a_burst(alone) == alone
    crossed = Event(id="b", type="line_cross", camera="yard", started_at=EVENT.started_at + 5, line="gate", label="car")
    alone.events = [EVENT, crossed]
    burst = with_all_of_a_burst(alone)
    assert burst.title == "Person entered door, The lobby, 07:13 (and 1 more)"
    assert burst.text == "Person entered door.\n\n07:13:20 lobby: Person entered door\n07:13:25 yard: Car crossed gate"
