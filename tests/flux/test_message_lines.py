from flux.message import Message
from flux.message_lines import WIDTH, below_a_heading, lines_of
from flux.short_text import one_line, trim, trim_middle

COMMAND = "Run: kubectl --kubeconfig /home/somebody/with/a/long/path/to/the/kubeconfig --context admin@homelab auth whoami"


def test_each_part_begins_a_line_of_its_own() -> None:
    told = Message('"5 minutes" is not a duration', "The API server would refuse it.", "Write 5m.")
    assert lines_of(told, "a.yaml:3 x") == [
        'a.yaml:3 x: "5 minutes" is not a duration.',
        "  The API server would refuse it.",
        "  Write 5m.",
    ]
    assert lines_of(Message("is wrong")) == ["is wrong"]


def test_no_line_is_longer_than_words_allow() -> None:
    lines = lines_of(Message("word " * 60, "word " * 60, "word " * 60), "place")
    assert max(map(len, lines)) <= WIDTH
    assert [line[:6] for line in lines if not line.startswith("  ")] == ["place:"]


def test_a_command_to_be_run_is_never_broken() -> None:
    for words in ("", "Renew them, and check. ", "word " * 30):
        lines = lines_of(Message("is wrong", "", words + COMMAND))
        assert lines[-1].strip() == COMMAND
    again = f"To start over: {COMMAND.removeprefix('Run: ')}"
    assert lines_of(Message("is wrong", "", f"Its log is /var/log/x. {again}"))[-1].strip() == again
    assert lines_of(Message("is wrong", "", "Apply it. Run: pulumi up"))[-1] == "  Apply it. Run: pulumi up"


def test_what_stands_below_a_heading_is_indented_part_by_part() -> None:
    told = Message("is named like an encrypted file but is plain text", "word " * 30, COMMAND)
    lines = below_a_heading(told)
    assert lines[0] == "  is named like an encrypted file but is plain text."
    assert lines[-1] == f"  {COMMAND}"
    assert all(line.startswith(("  word", "    word")) for line in lines[1:-1])
    assert max(map(len, below_a_heading(Message("word " * 60), 40))) <= 40


def test_a_long_text_loses_its_middle_and_keeps_the_end_where_the_reason_stands() -> None:
    text = f"{'word ' * 50}no such file"
    assert trim_middle(text, 40).endswith("no such file")
    assert trim_middle(text, 40).startswith("word word")
    assert all(len(trim_middle(text, limit)) <= max(limit, 1) for limit in range(60))
    assert trim_middle("short", 5) == "short"
    assert trim("shorter", 5) == "shor…"
    assert one_line("a\n  b\tc") == "a b c"
