"""`--from FOLDER`: the same subcommands on an export."""

from __future__ import annotations

import pytest

from incidentio_magic import errors


@pytest.mark.slow
def test_list_metrics_and_similar_read_an_export(run, capsys, sandbox, tmp_path):
    """What was exported can be listed, measured, compared and drawn without a request."""
    folder = tmp_path / "archive"
    run(f"%incidents export {folder} --with all")
    live = run("%incidents metrics --by severity --pages")
    capsys.readouterr()
    before = len(sandbox.requests)
    frame = run(f"%incidents metrics --by severity --pages --from {folder}")
    assert frame["n"].tolist() == live["n"].tolist()
    assert "Of 300 incidents" in capsys.readouterr().out
    assert len(run(f'%incidents list --severity ">=Major" --since 30d --from {folder}')) > 3
    assert len(run(f"%incidents similar INC-293 --limit 3 --from {folder}")) == 3
    assert run(f"%incidents metrics --by severity --plot --from {folder}").png().startswith(b"\x89PNG")
    assert run(f"%incidents metrics --by quarter --compare 2025-Q3,2025-Q4 --from {folder}")["finding"].notna().all()
    assert len(run(f"%incidents metrics --counts --from {folder}")) > 6
    assert {"updates", "alerts"} <= set(run(f"%incidents timeline INC-293 --from {folder}")["source"])
    assert run(f"%incidents timeline INC-293 INC-291 --plot --from {folder}").png().startswith(b"\x89PNG")
    assert len(sandbox.requests) == before


def test_a_folder_without_an_export_is_an_error(run, tmp_path):
    """A folder that holds no export is refused with the command that writes one."""
    with pytest.raises(errors.InputError, match="holds no export") as refused:
        run(f"%incidents list --from {tmp_path}")
    assert refused.value.hint.startswith(f"%incidents export {tmp_path}")
