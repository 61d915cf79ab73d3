from pathlib import Path

import pytest

from imgcls.export import parts

JOB = parts.Job(run="run-1", program="0" * 64, photos=["photos"], folder="here")


def names(folder: Path) -> list[str]:
    with parts.opened(folder, JOB, parts.Shard()) as out:
        return [name for name in map(str, range(100)) if not out.wants(name)]


def fill(folder: Path, first: int, end: int, shard: parts.Shard | None = None) -> None:
    with parts.opened(folder, JOB, shard or parts.Shard()) as out:
        for name in map(str, range(first, end)):
            if out.claim(name):
                out.add({"file": name, "label": "bar"})


def test_parts_are_as_long_as_said_and_the_rest_is_written_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "ROWS", 10)
    fill(tmp_path, 0, 25)
    assert len(list(tmp_path.glob("part-*.parquet"))) == 3
    fill(tmp_path, 5, 40)  # the list has grown and lost its beginning
    assert names(tmp_path) == [str(number) for number in range(40)]


def test_what_was_answered_is_written_when_something_fails(tmp_path: Path) -> None:
    def stop() -> None:
        with parts.opened(tmp_path, JOB, parts.Shard()) as out:
            out.add({"file": "0", "error": "damaged"})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert names(tmp_path) == ["0"]


def test_two_processes_never_answer_the_same_photos(tmp_path: Path) -> None:
    with parts.opened(tmp_path, JOB, parts.Shard(1, 2)):
        fill(tmp_path, 0, 9, parts.Shard(2, 2))
        for shard in (parts.Shard(1, 2), parts.Shard(), parts.Shard(2, 3)):
            with pytest.raises(parts.PartsError, match="answering shard 1/2"):
                fill(tmp_path, 0, 9, shard)
    fill(tmp_path, 0, 9)  # it has ended
    assert len(names(tmp_path)) == 9


def test_what_a_killed_process_has_left_goes_when_nobody_writes(tmp_path: Path) -> None:
    left = tmp_path / ".1-2-part-0.parquet"
    with parts.opened(tmp_path, JOB, parts.Shard(1, 2)):
        left.touch()
        fill(tmp_path, 0, 9, parts.Shard(2, 2))
        assert left.exists()
    fill(tmp_path, 0, 9)
    assert not left.exists()


def test_a_damaged_part_is_named(tmp_path: Path) -> None:
    fill(tmp_path, 0, 9)
    (part,) = tmp_path.glob("part-*.parquet")
    part.write_bytes(part.read_bytes()[:-20])
    with pytest.raises(parts.PartsError, match=rf"{part.name} is damaged: delete it"):
        fill(tmp_path, 0, 9)


@pytest.mark.parametrize("text", ["", "1", "0/1", "2/1", "-1/2", "1/0", "1/2/3", "²/3", "1 /2"])
def test_a_share_is_one_of_as_many(text: str) -> None:
    with pytest.raises(ValueError, match="accepted is I/N"):
        parts.Shard.parse(text)


def test_shares_are_read() -> None:
    assert parts.Shard.parse("2/4") == parts.Shard(2, 4)
