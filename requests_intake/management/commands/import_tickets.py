"""``manage.py import_tickets FILE --district CODE``: other systems' lists become tickets."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from governance.kernel.errors import DomainError, Invalid
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_scope, district_transaction
from requests_intake.actions.import_tickets import IMPORTER, ImportResult, import_tickets
from requests_intake.importing.error_file import ErrorFile
from requests_intake.importing.figures import replay_figures
from requests_intake.importing.mapping import Mapping, find_mapping

_LINE_EVERY = 500


class Command(BaseCommand):
    help = _("从 CSV 或 XLSX 文件导入诉求：每一行成为一件诉求，或错误文件里的一行；重复导入不改变任何内容。")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=_("CSV（UTF-8 或 GB18030）或 XLSX 文件，第一行是表头"))
        parser.add_argument("--district", required=True, help=_("区的代号，例如 s1"))
        parser.add_argument("--mapping", help=_("列对照的名称，或一个列对照 JSON 文件；不写则按表头识别"))
        parser.add_argument("--replay", action="store_true", help=_("把已有答复的行按原来的时间走完全过程"))
        parser.add_argument("--errors", type=Path, help=_("错误文件；不写则有错误时生成 文件名.errors.csv"))
        parser.add_argument("--dry-run", action="store_true", help=_("只检查，不写入"))

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        started = perf_counter()
        try:
            district = District.objects.with_shift().get(code=options["district"])
        except District.DoesNotExist:
            known = "、".join(District.objects.values_list("code", flat=True))
            raise CommandError(_("没有代号为“{code}”的区。已有：{known}").format(code=options["district"], known=known))
        try:
            mapping = find_mapping(options["mapping"]) if options["mapping"] else None
            with district_scope(district), _error_file(file, options["errors"]) as errors:
                result = self._import(file, mapping, errors, replay=options["replay"], dry_run=options["dry_run"])
        except DomainError as error:
            raise CommandError(error.message)
        self._say_result(result, errors, perf_counter() - started, dry_run=options["dry_run"])
        if options["replay"] and not options["dry_run"]:
            self._say_figures(district, result)
        elif "reply" in result.mapping.columns and not options["replay"]:
            self.stdout.write(_("提示：没有用 --replay，文件里的答复没有导入，诉求按新提交登记。"))

    def _import(
        self, file: Path, mapping: Mapping | None, errors: ErrorFile, *, replay: bool, dry_run: bool
    ) -> ImportResult:
        with self._progress() as progress:
            return import_tickets(
                file, actor=IMPORTER, errors=errors, mapping=mapping, replay=replay, dry_run=dry_run, progress=progress
            )

    @contextmanager
    def _progress(self) -> Iterator[Callable[[int, int | None], None]]:
        """A bar where somebody watches, a line now and then where the output goes to a file."""
        if sys.stderr.isatty():
            with tqdm(unit=_("行"), file=sys.stderr) as bar:
                yield _on_bar(bar)
        else:
            yield self._in_lines

    def _in_lines(self, done: int, total: int | None) -> None:
        if done % _LINE_EVERY == 0:
            self.stdout.write(_("已处理 {done} 行").format(done=done if total is None else f"{done}/{total}"))

    def _say_result(self, result: ImportResult, errors: ErrorFile, seconds: float, *, dry_run: bool) -> None:
        self.stdout.write(_("列对照：{label}（{name}）").format(label=result.mapping.label, name=result.mapping.name))
        self.stdout.write(
            _("共 {rows} 行：新增 {created} 件，已有 {existing} 件，错误 {failed} 行；用时 {seconds} 秒").format(
                rows=result.rows,
                created=result.created,
                existing=result.existing,
                failed=result.failed,
                seconds=f"{seconds:.1f}",
            )
        )
        if result.failed:
            self.stdout.write(_("错误明细：{path}").format(path=errors.path))
        if dry_run:
            self.stdout.write(_("试运行：没有写入任何内容。"))

    def _say_figures(self, district: District, result: ImportResult) -> None:
        with district_transaction(district):
            figures = replay_figures(result.mapping.source, result.refs)
        self.stdout.write(_("回放的诉求 {answered} 件，按本区工作日历：").format(answered=figures.answered))
        for days, met in figures.met.items():
            share = f"{met / figures.answered:.1%}" if figures.answered else "–"
            self.stdout.write(_("  {days} 个工作日内答复 {met} 件（{share}）").format(days=days, met=met, share=share))


def _on_bar(bar: Any) -> Callable[[int, int | None], None]:
    def show(done: int, total: int | None) -> None:
        bar.total = total
        bar.update(done - bar.n)

    return show


def _error_file(file: Path, given: Path | None) -> ErrorFile:
    path = given or Path(f"{file.stem}.errors.csv")
    if path.exists() and file.exists() and path.samefile(file):
        raise Invalid("same_file", _("错误文件不能就是导入的文件。"))
    return ErrorFile(path, keep_empty=given is not None)
