"""`club uplift`: any file of units, arms and outcomes; what it says when it is a trial, and when it is not."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from club.console import Trouble, show_whole
from club.trial_file import Asked, read_trial
from club.uplift import profit, sentence, shown, told
from shared.statistics.trials import judged


def written(folder: Path, heading: str, rows: list[str]) -> Path:
    path = folder / "trial.csv"
    path.write_text("\n".join([heading, *rows]) + "\n", "utf-8")
    return path


def mails(folder: Path, *, targeted: bool) -> Path:
    """6,000 customers: a mail brings a fifth of a euro more; or it went to those who buy more anyway."""
    chance = np.random.default_rng(9)
    rows = []
    for number in range(6_000):
        history = chance.exponential(10)
        mail = history > 8 if targeted else chance.random() < 0.5
        spend = history / 5 + chance.normal(0, 1) + (0 if targeted else 0.2 * mail)
        rows.append(f"{number},{history:.4f},{'mail' if mail else 'none'},{int(spend > 2)},{spend:.4f}")
    return written(folder, "customer,history,arm,bought,spend", rows)


def test_columns_are_guessed_by_where_they_stand_and_it_is_said_how(tmp_path: Path) -> None:
    read = read_trial(mails(tmp_path, targeted=False), Asked())
    assert (read.arm_column, read.control, list(read.trial.outcomes)) == ("arm", "none", ["bought", "spend"])
    assert read.trial.past_names == ("history",)
    assert len(read.guessed) == 4


def test_a_trial_is_told_as_uplift_with_a_sentence_for_everybody(tmp_path: Path) -> None:
    read = read_trial(mails(tmp_path, targeted=False), Asked(shares={"mail": 50, "none": 50}))
    found = judged(read.trial, read.control)
    assert found.is_trial
    assert [column.header for column in shown(found).columns][4] == "uplift"
    spend = next(one for one in found.compared if one.outcome == "spend")
    assert spend.effect.low < 0.2 < spend.effect.high
    assert "mail did that, most likely by between" in sentence(spend, found)
    assert "Each unit of mail brought +" in profit(spend, found, 1.0, 0.01)
    assert any("as it was meant" in line for line in told(found, read.trial.past_names))


def test_where_better_customers_were_chosen_the_word_uplift_does_not_appear(tmp_path: Path) -> None:
    read = read_trial(mails(tmp_path, targeted=True), Asked())
    found = judged(read.trial, read.control)
    spend = next(one for one in found.compared if one.outcome == "spend")
    said = [*told(found, read.trial.past_names), sentence(spend, found), profit(spend, found, 1.0, 0.0)]
    said += [str(column.header) for column in shown(found).columns]
    assert not found.is_trial
    assert not any("uplift" in line or "did that" in line for line in said)
    assert any("differed in history before anything was done" in line for line in said)
    assert "nobody knows whether mail is why" in said[-12] or any("nobody knows" in line for line in said)


def test_without_the_past_the_means_differ_as_they_stand(tmp_path: Path) -> None:
    read = read_trial(mails(tmp_path, targeted=False), Asked(is_plain=True))
    spend = next(one for one in judged(read.trial, read.control).compared if one.outcome == "spend")
    assert spend.effect.difference == pytest.approx(spend.effect.treated_mean - spend.effect.control_mean)
    adjusted = next(
        one
        for one in judged(read_trial(mails(tmp_path, targeted=False), Asked()).trial, "none").compared
        if one.outcome == "spend"
    )
    assert adjusted.effect.error < spend.effect.error


def test_a_semicolon_and_a_mark_at_the_beginning_are_read_as_well(tmp_path: Path) -> None:
    path = tmp_path / "trial.csv"
    path.write_text(
        "\ufeffunit;arm;spend\n" + "\n".join(f"{n};{'a' if n % 2 else 'control'};{n}" for n in range(20)), "utf-8"
    )
    assert read_trial(path, Asked()).control == "control"


def test_a_trial_of_an_old_program_in_hebrew_is_read_with_its_arms(tmp_path: Path) -> None:
    path = tmp_path / "trial.csv"
    rows = "".join(f'{n};{"דואר" if n % 2 else "ביקורת"};{n};"דנה\r\nלוי"\r\n' for n in range(40))
    path.write_bytes(f"משתמש;קבוצה;קנייה;הערה\r\n{rows}".encode("cp1255"))
    read = read_trial(path, Asked())
    assert (read.control, read.arm_column, list(read.trial.outcomes)) == ("ביקורת", "קבוצה", ["קנייה"])
    path.write_bytes(path.read_bytes() + "40;דואר;הרבה;".encode("cp1255"))
    with pytest.raises(Trouble, match="line 82: קנייה is 'הרבה', which is no number"):
        read_trial(path, Asked(outcomes=("קנייה",)))


@pytest.mark.parametrize(
    ("heading", "rows", "asked", "says"),
    [
        ("unit,arm,spend", [], Asked(), "a heading and no rows"),
        ("unit,arm,spend", ["1,a"], Asked(), "line 2: it has 2 cells, and the header has 3"),
        ("unit,arm,arm", ["1,a,b"], Asked(), "two of one name"),
        ("unit,arm,spend", ["1,a,1", "2,b,2"], Asked(), "Which arm is the control? Say --control with one of: a, b"),
        ("unit,arm,spend", ["1,a,1", "2,a,2"], Asked(control="a"), "names 1 arms"),
        (
            "unit,arm,spend",
            ["1,a,1", "2,b,x"],
            Asked(control="a", outcomes=("spend",)),
            "line 3: spend is 'x', which is no number",
        ),
        ("unit,arm,spend", ["1,a,1", "2,b,nan"], Asked(control="a"), "spend has a value that is no number"),
        ("unit,arm,note", ["1,a,x", "2,b,y"], Asked(control="a"), "Which columns are outcomes?"),
        ("unit,arm,spend", ["1,a,1", "2,b,2"], Asked(control="a", outcomes=("sales",)), "has no column 'sales'"),
        (
            "unit,arm,spend",
            ["1,a,1", "2,b,2"],
            Asked(control="a", shares={"a": 1.0}),
            "--split has to name each arm once: a, b",
        ),
        ("unit,one,two,spend", ["1,a,x,1", "2,b,y,2"], Asked(), "is the arm? Say --arm with one of: one, two"),
    ],
)
def test_a_file_that_is_no_trial_is_refused_with_what_to_do(
    tmp_path: Path, heading: str, rows: list[str], asked: Asked, says: str
) -> None:
    with pytest.raises(Trouble) as trouble:
        read_trial(written(tmp_path, heading, rows), asked)
    assert says in str(trouble.value)


def test_a_table_has_every_digit_however_narrow_the_terminal_is(tmp_path: Path) -> None:
    read = read_trial(mails(tmp_path, targeted=False), Asked())
    table, console = shown(judged(read.trial, read.control)), Console(file=StringIO(), width=40)
    show_whole(table, console)
    printed = console.file.getvalue()
    assert "…" not in printed
    assert len(printed.splitlines()) == 1 + len(list(table.rows))
    assert all(cell in printed for column in table.columns for cell in map(str, column.cells))


def test_the_difference_as_it_stands_is_told_beside_the_one_that_takes_the_past_into_account(tmp_path: Path) -> None:
    found = judged(read_trial(mails(tmp_path, targeted=False), Asked()).trial, "none")
    spend = next(one.effect for one in found.compared if one.outcome == "spend")
    last = list(shown(found).columns[-1].cells)[-1]
    assert last == f"{spend.treated_mean - spend.control_mean:+.4g} (error {spend.was:.4g})"
    assert spend.was > spend.error
