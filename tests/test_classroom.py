"""A class in the store: host and key, learners and answers, limits, the last day. Run: python -m pytest tests/test_classroom.py"""

import datetime
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.classroom import codes, host, keys, limits, local_disk, part, states, store, tidy, watch
from core.classroom.lesson import Lesson
from core.errors import LabError
from core.store import database, facts, jobs
from tests import class_rows as rows
from tests.class_rows import answered, do, joined, made


@pytest.fixture(autouse=True)
def new_counts():
    limits.forget()


def test_a_code_has_four_letters_without_look_alikes_and_is_read_as_it_is_typed():
    found = {codes.new_code() for _ in range(300)}
    assert len(found) > 290 and all(codes.read_code(f" {code[:2].lower()} {code[2:]}\n") == code for code in found)
    assert not set("AEIOUQGSZB015") & set("".join(found))
    assert [codes.read_code(text) for text in (None, "", "CDF", "CDFHJ", "CDFA", "CDF1", "%' OR 1=1", "C" * 10_000)] == [None] * 8


def test_a_key_is_kept_as_a_salted_hash_alone():
    found, key = made()
    file = b"".join(path.read_bytes() for path in database.store_path().parent.iterdir())
    assert key.encode() not in file and key.replace("-", "").encode() not in file
    assert keys.new_key()[1] != keys.new_key()[1] and len(key.replace("-", "")) == 32
    assert host.holds(found.id, key) and host.holds(found.id, f" {key.upper()} ") and host.holds(found.id, key.replace("-", ""))
    assert not any(host.holds(found.id, wrong) for wrong in (None, "", "-", key[:-1], key[:-1] + ("0" if key[-1] != "0" else "1"), "x" * 10_000))


ACTIONS = [
    lambda one, key: host.act(one.id, key, "on", (one.step, one.state)), lambda one, key: host.change(one.id, key, nicknames=True),
    lambda one, key: host.rename(one.id, key, 1, "x"), lambda one, key: host.remove(one.id, key, 1), lambda one, key: host.show(one.id, key, 1, 0),
    lambda one, key: host.delete(one.id, key),
]


@pytest.mark.parametrize("action", ACTIONS)
def test_without_the_key_no_action_is_possible(action):
    found, _ = made()
    other, others_key = made("Another")
    joined(found, 1)
    before = store.get(found.id), store.members(found.id)
    for wrong in (None, "", "0" * 32, others_key):
        with pytest.raises(LabError, match="^This is not the key of this class"):
            action(found, wrong)
    assert (store.get(found.id), store.members(found.id)) == before and store.get(other.id) == other


@pytest.mark.parametrize("forged", [-1, 0, 10**9, 10**18, "1", "1 OR 1=1", None, 1.5])
def test_a_forged_id_of_a_class_reaches_none(forged):
    found, key = made()
    joined(found, 1)
    if forged == "1":
        forged = f"{found.id} "
    with pytest.raises(LabError, match="no longer there|not the key"):
        host.act(forged, "0" * 32, "on", (0, "waiting"))
    with pytest.raises(LabError, match="no longer there|not in this class"):
        part.answer(forged, "f" * 32, (0, "vote"), 1)
    assert not host.holds(forged, None) and watch.pulse(forged) is None and store.get(found.id).step == 0


def test_a_class_goes_through_its_states_and_back_finds_them():
    found, key = made()
    with pytest.raises(LabError, match="cannot be done now"):
        do(found, key, "open")  # no question here
    found = do(found, key, "on", "open")
    assert (found.step, found.state) == (1, "vote")
    found = do(found, key, "lock", "again", "lock", "open")
    assert found.state == states.REVOTE
    found = do(found, key, "reveal", "on")
    assert (found.step, found.state) == (2, "waiting")
    found = do(found, key, "open", "back")
    assert (found.step, found.state) == (1, "revealed")
    found = do(found, key, "on")
    assert (found.step, found.state) == (2, "vote")
    for action in states.ACTIONS:
        if action not in states.allowed(found.state, True, False, False):
            with pytest.raises(LabError):
                do(found, key, action)


def test_two_clicks_go_on_once():
    found, key = made()
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(host.act, found.id, key, "on", (0, "waiting")) for _ in range(4)]
    refused = [str(one.exception()) for one in done if one.exception()]
    assert store.get(found.id).step == 1 and refused == [host.MOVED] * 3


def test_thirty_learners_join_and_answer_at_once_and_nothing_is_lost_or_doubled():
    found, key = made()
    learners = [f"{n:032x}" for n in range(30)]
    with ThreadPoolExecutor(30) as pool:
        list(pool.map(lambda n: part.join(found.code, "Ann" if n % 2 else f"Ben {n}", learners[n]), range(30)))
        assert len(store.members(found.id)) == 30 and len({one.nickname.casefold() for one in store.members(found.id)}) == 30
        found = do(found, key, "on", "open")
        list(pool.map(lambda n: answered(found, learners[n % 30], float(n), reason="guess", confidence=1), range(60)))
        found = do(found, key, "lock", "open")
        list(pool.map(lambda n: answered(found, learners[n], 84.0), range(30)))
    kept = store.answers_of(found.id)
    assert Counter(one.round for one in kept) == {1: 30, 2: 30}
    for n, learner in enumerate(learners):
        first, second = [one for one in kept if one.learner == learner]
        assert first.answer in (n, n + 30) and first.reason == "guess" and first.confidence == 1 and second.answer == 84.0
    assert store.get(found.id).activity == 30 + 60 + 30


def test_an_answer_counts_only_in_the_vote_that_it_was_given_to():
    found, key = made()
    learner, = joined(found, 1)
    for _ in range(2):
        with pytest.raises(LabError, match="^The answer came too late"):
            answered(found, learner, 50.0)
        found = do(found, key, "on")
    found = do(found, key, "back", "open")
    answered(found, learner, 50.0)
    answered(found, learner, 60.0)
    old, found = found, do(found, key, "lock")
    for seen in (old, found):
        with pytest.raises(LabError, match="^The answer came too late"):
            answered(seen, learner, 70.0)
    found = do(found, key, "open")
    with pytest.raises(LabError, match="^The answer came too late"):
        answered(old, learner, 70.0)  # sent by a page that still showed the first vote
    assert [one.answer for one in store.answers_of(found.id)] == [60.0]
    with pytest.raises(LabError, match="^You are not in this class"):
        answered(found, "e" * 32, 70.0)


@pytest.mark.parametrize(("steps", "wrong", "right"), [
    (1, ["84", None, float("nan"), float("inf"), -1, 101, True, [1]], 84.2), (2, ["1,2", 3, "", None], "2,4,6"),
    (4, ["", "   ", "\u202e\u200b\x00", None], "<b>more</b> layers"), (5, ["x", float("nan"), 10**12], -3),
])
def test_what_is_no_answer_to_a_question_is_refused(steps, wrong, right):
    found, key = made()
    learner, = joined(found, 1)
    found = do(found, key, *["on"] * steps, "open")
    for value in wrong:
        with pytest.raises(LabError):
            answered(found, learner, value)
    with pytest.raises(LabError):
        answered(found, learner, right, reason="<script>")
    with pytest.raises(LabError):
        answered(found, learner, right, confidence=9)
    assert store.answers_of(found.id) == []
    answered(found, learner, right)
    assert [one.answer for one in store.answers_of(found.id)] == [right]


def test_texts_are_short_lines_that_can_be_seen():
    assert limits.one_line("  a\n b\t\u202ec\x00\u200b ", 10) == "a b c" and len(limits.one_line("x" * 10_000, 20)) == 20
    found, key = made("T" * 500)
    assert len(found.title) == limits.TITLE
    part.join(found.code, "<script>alert(1)</script>" * 10, "a" * 32)
    assert len(store.members(found.id)[0].nickname) == limits.NICKNAME
    for nickname in ("", "  ", "\u200b\u200b"):
        with pytest.raises(LabError, match="nickname"):
            part.join(found.code, nickname, "b" * 32)
    with pytest.raises(LabError, match="title"):
        made(" \n ")


def test_ten_thousand_answers_from_one_learner_are_bounded(monkeypatch):
    found, key = made()
    learner, = joined(found, 1)
    found = do(found, key, "on", "open")
    taken = 0
    for n in range(10_000):
        try:
            part.answer(found.id, f"{learner}.{n}" if n % 2 else learner, (1, "vote"), float(n % 100))
            taken += 1
        except LabError:
            pass
    assert 1 <= taken <= limits.TRIES["answer"][0][0] and len(store.answers_of(found.id)) == 1


def test_guessed_codes_end_after_a_few_by_learner_and_by_address():
    found, _ = made()
    wrong = next(code for code in iter(codes.new_code, None) if code != found.code)
    said = []
    for _ in range(limits.TRIES["code"][0][0] + 1):
        with pytest.raises(LabError) as refused:
            part.join(wrong, "Ann", "a" * 32)
        said.append(str(refused.value))
    assert said[-1] == limits.SAID["code"] and set(said[:-1]) == {part.UNKNOWN}
    with pytest.raises(LabError, match="Too many codes"):
        part.join(found.code, "Ann", "a" * 32)  # not the right one either
    part.join(found.code, "Ben", "b" * 32)
    count = 0
    for n in range(1000):  # another cookie each time, from one address
        with pytest.raises(LabError) as refused:
            part.join(wrong, "Ann", f"{n:032x}", "203.0.113.7")
        count += str(refused.value) == part.UNKNOWN
    assert count == limits.TRIES["code"][1][0]


def test_a_class_is_full_at_two_hundred_and_joining_again_changes_nothing(monkeypatch):
    monkeypatch.setattr(limits, "MOST_MEMBERS", 3)
    found, key = made()
    learners = joined(found, 3)
    with pytest.raises(LabError, match="^This class is full: it takes 3"):
        joined(found, 1, 3)
    part.join(found.code, "Another name", learners[0])
    assert [one.nickname for one in store.members(found.id)] == ["Learner 1", "Learner 2", "Learner 3"]


def test_a_closed_door_keeps_members_and_lets_nobody_else_in():
    found, key = made()
    learner, = joined(found, 1)
    host.change(found.id, key, joining=False)
    part.join(found.code, "Ann", learner)
    with pytest.raises(LabError, match="closed the door"):
        joined(found, 1, 1)


def test_a_shared_laptop_has_a_seat_for_each_and_the_browser_finds_its_class_again():
    found, key = made()
    other, _ = made("Another")
    browser = "a" * 32
    for name in ("Ann", "Ben", "Cem"):
        part.join(found.code, name, part.free_seat(found.id, browser))
    assert [one.nickname for one in store.seats(found.id, browser)] == ["Ann", "Ben", "Cem"]
    assert {one.learner for one in store.seats(found.id, browser)} == {browser, f"{browser}.2", f"{browser}.3"}
    assert store.of_learner(browser).id == found.id and store.of_learner("b" * 32) is None
    part.join(other.code, "Ann", browser)
    assert store.of_learner(browser).id == other.id and store.of_learner(browser, found.code).id == found.id
    found = do(found, key, "on", "open")
    answered(found, f"{browser}.2", 10.0)
    assert [one.learner for one in store.answers_of(found.id)] == [f"{browser}.2"]


def test_the_host_renames_removes_and_shows_a_text():
    found, key = made()
    learners = joined(found, 2)
    number = {one.learner: one.number for one in store.members(found.id)}
    host.rename(found.id, key, number[learners[0]], " A new\nname ")
    host.remove(found.id, key, number[learners[1]])
    found = do(found, key, *["on"] * 4, "open")
    with pytest.raises(LabError, match="taken you out"):
        answered(found, learners[1], "Hello")
    answered(found, learners[0], "Deeper students")
    assert [one.shown for one in store.answers_of(found.id)] == [False]
    host.show(found.id, key, number[learners[0]], 4)
    assert [one.shown for one in store.answers_of(found.id)] == [True]
    answered(found, learners[0], "Something else")  # what the host has not read is hidden again
    assert [one.shown for one in store.answers_of(found.id)] == [False]
    host.remove(found.id, key, number[learners[1]], False)
    answered(found, learners[1], "Hello")
    assert [(one.nickname, one.hidden) for one in store.members(found.id)] == [("A new name", False), ("Learner 2", False)]


def test_classes_go_with_all_of_theirs_by_hand_and_after_their_last_day(monkeypatch):
    (one, key), (two, other_key), (three, _) = made("One"), made("Two"), made("Three")
    for found in (one, two, three):
        learner, = joined(found, 1)
    one = do(one, key, "on", "open")
    answered(one, learner, 1.0)
    host.delete(one.id, key)
    host.change(two.id, other_key, last_day=datetime.date.today() + datetime.timedelta(days=5))
    with pytest.raises(LabError, match="choose another day"):
        host.change(two.id, other_key, last_day=datetime.date.today() - datetime.timedelta(days=1))
    over = rows.TOMORROW + datetime.timedelta(days=1)
    later = datetime.datetime.combine(over, datetime.time(0, 0, 1)).timestamp()
    for module in (store, tidy):
        monkeypatch.setattr(module, "now", lambda: later)
    with pytest.raises(LabError, match="^This class is no longer there"):
        store.get(three.id)  # before it is deleted
    assert store.by_code(three.code) is None and set(store.pulses()) == {two.id}
    assert (tidy.delete_ended(), tidy.delete_ended()) == (1, 0)
    with database.connect() as db:
        left = [[row[0] for row in db.execute(f"SELECT {column} FROM {table}")]
                for table, column in (("classes", "id"), ("members", "class"), ("answers", "class"))]
    assert left == [[two.id], [two.id], []]


def test_a_server_without_a_store_has_nothing_to_delete(home):
    assert tidy.delete_ended() == 0 and not home.exists() or not list(home.iterdir())


@pytest.mark.parametrize("day", [-1, limits.LONGEST_DAYS + 1])
def test_a_last_day_lies_within_a_year(day):
    with pytest.raises(LabError, match="choose another day"):
        host.create("A", rows.LESSON, datetime.date.today() + datetime.timedelta(days=day), "a")


def test_a_server_takes_only_so_many_classes_and_one_learner_makes_few(monkeypatch):
    for n in range(5):
        made(f"Class {n}")
    with pytest.raises(LabError, match="Many classes were made"):
        made()
    monkeypatch.setattr(limits, "MOST_CLASSES", 5)
    with pytest.raises(LabError, match="keeps 5 classes already"):
        made(who="another")
    with pytest.raises(LabError, match="no steps"):
        host.create("A", Lesson("Empty", ()), rows.TOMORROW, "third")


def test_a_host_enters_by_code_and_key_and_not_by_guessing():
    found, key = made()
    assert host.enter(found.code.lower(), f"{key}\n", "a" * 32) == found
    for code, wrong in ((found.code, "no"), ("CDFH", key), ("", ""), (None, None)):
        with pytest.raises(LabError, match="^No class has this code and this key"):
            host.enter(code, wrong, "a" * 32)
    for _ in range(20):
        with pytest.raises(LabError):
            host.enter(found.code, "no", "a" * 32)
    with pytest.raises(LabError, match="Too many keys"):
        host.enter(found.code, key, "a" * 32)


@pytest.mark.parametrize(("typed", "kept"), [
    ("", ""), ("192.168.0.12:8501/", "http://192.168.0.12:8501"), ("https://lab.example.org/layers/", "https://lab.example.org/layers"),
])
def test_an_address_is_read(typed, kept):
    found, key = made()
    assert host.change(found.id, key, address=typed).settings.address == kept


@pytest.mark.parametrize("typed", ["javascript:alert(1)", "ftp://a", "http://", "http://a b?c=d", "http://a/?x=1", "http://u:p@a", "http://a:99999999",
                                   "http://" + "a" * 300, "http://[", "http://a/\x00"])
def test_what_no_browser_opens_is_no_address(typed):
    found, key = made()
    with pytest.raises(LabError, match="no address that a browser opens"):
        host.change(found.id, key, address=typed)


def test_one_read_a_second_serves_every_session_and_a_change_here_is_seen_at_once(monkeypatch):
    found, key = made()
    watcher = watch.Watcher()
    now = [100.0]
    monkeypatch.setattr(watch.time, "monotonic", lambda: now[0])
    for _ in range(100):
        assert watcher.pulse(found.id) == (1, 0)
    assert watcher.reads == 1
    joined(found, 1)
    assert watcher.pulse(found.id) == (1, 0)
    now[0] += 1.0
    assert watcher.pulse(found.id) == (1, 1) and watcher.reads == 2
    assert watch.pulse(found.id) == (1, 1)
    do(found, key, "on")
    assert watch.pulse(found.id) == (2, 1)
    host.delete(found.id, key)
    assert watch.pulse(found.id) is None


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "9p", "fuse.sshfs"])
def test_a_store_on_a_network_disk_is_refused_with_a_sentence(kind, tmp_path, home, monkeypatch):
    mounts = tmp_path / "mounts"
    monkeypatch.setattr(local_disk, "MOUNTS", mounts)
    mounts.write_text(f"/dev/a / ext4 rw 0 0\nserver:/b {home.resolve()} {kind} rw 0 0\nserver:/c {home.resolve()}x ext4 rw 0 0\n")
    with pytest.raises(LabError, match=rf"lies on a network disk \({kind}\); start the server with LAYER_LAB_HOME set to a local folder\.$"):
        made()
    mounts.write_text(f"server:/b / {kind} rw 0 0\n/dev/a {home.resolve()} ext4 rw 0 0\n")
    assert made()
    mounts.unlink()
    assert made()


def test_a_store_of_the_version_before_classes_is_brought_up_to_date(home):
    home.mkdir()
    with sqlite3.connect(home / "store.sqlite") as db:
        for migration in database.MIGRATIONS[:4]:
            for statement in migration:
                db.execute(statement)
        db.execute("PRAGMA user_version = 4")
        db.execute("INSERT INTO facts (key, at, value) VALUES ('kept', 0, '1')")
    db.close()
    found, key = made()
    joined(found, 1)
    assert facts.get("kept") == 1 and jobs.queue() == [] and [one.nickname for one in store.members(found.id)] == ["Learner 1"]
