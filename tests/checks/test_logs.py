"""Failure signatures are found in logs as jobs write them, and nowhere in ordinary ones.

``failures.json`` holds reported failures, each with its report: the text is rebuilt, not copied.
``ordinary_log.txt`` holds what jobs write that work: mostly output of real training scripts.
"""

# ruff: noqa: E501  # names of real files and messages stay in one piece

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.checks import facts
from resolver.checks.loaders import LoaderState, find_failures
from resolver.checks.logs import clean_line, explain_match, match_log
from resolver.checks.registry import all_rules
from tests.checks.make import Env, make_context
from tests.support.amount import examples, sampled
from tests.support.tables import table

HERE = Path(__file__).parent
FAILURES: list[dict[str, Any]] = json.loads((HERE / "failures.json").read_text(encoding="utf-8"))
ORDINARY = (HERE / "ordinary_log.txt").read_text(encoding="utf-8").splitlines()
ROWS = {row.id: row for row in facts.table(facts.Signature).rows}
#: What a job's runtime writes around a line.
WRAPPINGS = {
    "bare": "{}",
    "timestamp": "2026-11-20T09:14:03.123456Z {}",
    "azure ml": "2026/11/20 09:14:03 INFO {}",
    "rank": "[rank3]: {}",
    "torchrun": "[default7]:{}",
    "time, level and rank": "2026-11-20 09:14:03,123 ERROR [rank0] {}",
    "kubernetes": "2026-11-20T09:14:03.1+00:00 stderr F {}",
    "red": "\x1b[31m{}\x1b[0m",
    "bold with a time": "\x1b[36m09:14:03\x1b[0m \x1b[1;31m{}\x1b[0m",
    "ray": "\x1b[36m(RayTrainWorker pid=4711, ip=10.0.0.4)\x1b[0m {}",
    "behind a progress bar": "Epoch 1:  45%|####5     | 45/100\r{}",
}


def found_in(text: str) -> set[str]:
    """Return the signatures found in the log of a job that was meant for a GPU."""
    return {match.id for match in match_log(text.split("\n"), expects_gpu=True)}


def test_the_corpus_is_large_and_each_failure_names_its_source() -> None:
    reported = [
        failure
        for failure in FAILURES
        if re.match(r"https://github\.com/[\w.-]+/[\w.-]+/(issues|pull)/\d+\Z", failure["source"])
    ]
    assert len(FAILURES) >= 200
    assert len(reported) >= 175
    assert len({failure["log"] for failure in FAILURES}) == len(FAILURES)
    assert all(failure["source"] for failure in FAILURES)
    assert len(ROWS) >= 100


@pytest.mark.parametrize(
    "failure", FAILURES, ids=[f"{number}-{failure['signature']}" for number, failure in enumerate(FAILURES)]
)
def test_a_reported_failure_is_recognised_and_taken_for_no_other(failure: dict[str, Any]) -> None:
    assert found_in(failure["log"]) == {failure["signature"], *failure.get("also", ())}


@pytest.mark.parametrize("wrapping", WRAPPINGS.values(), ids=WRAPPINGS)
def test_what_stands_around_a_message_does_not_matter(wrapping: str) -> None:
    for failure in sampled(FAILURES, 4, list(WRAPPINGS.values()).index(wrapping) % 4):
        lines = [wrapping.format(line) for line in failure["log"].split("\n")]
        found = match_log([*ORDINARY[:5], *lines, *ORDINARY[5:10]], expects_gpu=True)
        match = next((match for match in found if match.id == failure["signature"]), None)
        assert match is not None, failure["log"]
        assert 5 < match.line <= 5 + len(lines)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_signature_says_what_people_want_to_know(row: facts.Signature) -> None:
    assert bool(row.pattern) != bool(row.states)
    assert set(row.states) <= {state.value for state in LoaderState}
    for text in (row.cause, row.look, row.remedy):
        assert text
        assert not re.search(r"->|\bcc[<>]|<=>|\bX\.Y\b", text)
    assert row.cause.endswith(".")
    assert row.remedy.endswith(".")
    assert row.certainty in ("published", "quoted", "agreed", "secondary", "unverified")


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_signature_has_a_failure_of_its_own(row: facts.Signature) -> None:
    without_report = {"no-gpus", "symbol-missing"}  # the text of a wheel, and of glibc
    assert row.id in without_report or any(failure["signature"] == row.id for failure in FAILURES)


@table(
    "text, signature",
    [
        ("torch sees no GPU", "RuntimeError: No CUDA GPUs are available", "no-gpus"),
        (
            "a symbol of a library that nobody knows",
            "ImportError: /opt/env/lib/libfoo.so.3: undefined symbol: foo_open_v2",
            "symbol-missing",
        ),
        (
            "a library that nobody knows",
            "ImportError: libfoo.so.3: cannot open shared object file: No such file or directory",
            "library-missing",
        ),
    ],
)
def test_what_no_report_is_kept_of(text: str, signature: str) -> None:
    assert found_in(text) == {signature}


@table(
    "text, signature",
    [
        (
            "DeepSpeed goes on where it was told not to compare",
            "Installed CUDA version 12.4 does not match the version torch was compiled with 12.1.Detected `DS_SKIP_CUDA_CHECK=1`",
            "ds-cuda-mismatch",
        ),
        (
            "a library of torch_npu isn't torch's",
            "ImportError: libtorch_npu.so: cannot open shared object file: No such file or directory",
            "libc10-missing",
        ),
        (
            "nor is one of torchcodec",
            "OSError: libtorchcodec_core7.so: cannot open shared object file: No such file or directory",
            "libc10-missing",
        ),
        (
            "ONNX's exporter doesn't know an operator of torchvision",
            "RuntimeError: ONNX export failed: Couldn't export operator torchvision::nms",
            "tv-nms",
        ),
        (
            "a name of oneDNN that ends in a namespace of torch's",
            "ImportError: /opt/libdnnl_x.so: undefined symbol: _ZN4dnnl4impl3cpu3x6413jit_generator9preambleEv",
            "torch-extension-abi",
        ),
        (
            "a name of twelve letters",
            "ImportError: /opt/libfoo.so: undefined symbol: _ZN3foo12attach_inputEv",
            "torch-extension-abi",
        ),
        (
            "Caffe isn't Caffe2",
            "ImportError: /opt/_caffe.so: undefined symbol: _ZN5caffe3NetIfE7ForwardEPf",
            "torch-extension-abi",
        ),
        (
            "memory that is short isn't the library's fault",
            'OSError: [WinError 1455] Too small. Error loading "C:\\t\\lib\\cudnn_cnn_infer64_8.dll" or one of its dependencies.',
            "paddle-torch-cudnn-win",
        ),
        (
            "a compiler's module that setuptools dropped has another cause than Python 3.12",
            "ModuleNotFoundError: No module named 'distutils.msvccompiler'",
            "no-distutils",
        ),
    ],
)
def test_what_only_looks_like_a_failure(text: str, signature: str) -> None:
    assert signature not in found_in(text)


@pytest.mark.parametrize("name", ["libc10.so", "libc10_cuda.so", "libtorch.so", "libtorch_cuda_cu.so"])
def test_libraries_of_torch(name: str) -> None:
    text = f"ImportError: {name}: cannot open shared object file: No such file or directory"
    assert found_in(text) == {"libc10-missing"}


def test_ordinary_logs_hold_no_signature() -> None:
    assert len(ORDINARY) >= 1000
    assert match_log(ORDINARY) == ()
    assert match_log(ORDINARY, expects_gpu=True) == ()


#: Lines of trainers, with places for numbers and names.
TEMPLATES = (
    "Epoch {n}/{n}: 100%|##########| {n}/{n} [00:{n}<00:00, {f}it/s, loss={f}, lr={f}]",
    "{{'loss': {f}, 'grad_norm': {f}, 'learning_rate': {f}, 'epoch': {f}}}",
    "step {n} | loss {f} | CUDA memory {n} MiB | NCCL all_reduce {f} ms | cudnn.benchmark=True",
    "INFO:root:loaded {n} tensors from libtorch checkpoint /mnt/outputs/model-{n}.so in {f} s",
    "NCCL INFO Channel {n}/{n} : 0[{n}] -> 1[{n}] via P2P/CUMEM; shared memory segment /dev/shm/nccl-{n} ok",
    "W{n} torch/distributed/run.py:{n}] Setting OMP_NUM_THREADS environment variable for each process to be 1",
    "found no improvement of val_loss for {n} epochs; no GPU kernel was slower than {f} ms",
    "Requirement already satisfied: nvidia-cudnn-cu12=={n}.{n} in /opt/env/lib/python3.11/site-packages",
    "Successfully loaded library libcudnn.so.9 ({n}), libcublas.so.12, libnvrtc.so.12, driver {n}.{n}",
    "I0000 gpu_device.cc:{n}] Created device /job:localhost/replica:0/task:0/device:GPU:{n} with {n} MB memory",
    "[LightGBM] [Info] Number of positive: {n}, number of negative: {n}, no further splits with gain {f}",
    "numpy {n}.{n} compiled with gcc {n}, torch {n}.{n}+cu{n} (CUDA {n}.{n}), driver version {n}.{n}, glibc 2.{n}",
    "DataLoader worker (pid {n}) started; {n} workers, pin_memory=True, shared memory {n} MiB free",
    "warning: symbol table is empty for layer {n}; version {n} of the vocabulary not found in cache, building",
    "eval: {n} of {n} requests not found in the cache; failed to load 0 shards; could not load 0 images",
)


def test_drawn_training_logs_hold_no_signature() -> None:
    chance = random.Random(11)  # noqa: S311  # the same lines in every run
    lines = []
    for _ in range(3000):
        template = chance.choice(TEMPLATES)
        parts = re.split(r"\{([nf])\}", template.replace("{{", "{").replace("}}", "}"))
        lines.append(
            "".join(
                part
                if number % 2 == 0
                else str(chance.randrange(10_000))
                if part == "n"
                else f"{chance.random() * chance.choice((1, 100)):.4g}"
                for number, part in enumerate(parts)
            )
        )
    chance.shuffle(lines)
    assert match_log(lines, expects_gpu=True) == ()


@pytest.mark.shared
def test_reported_logs_are_recognised(shared: Path) -> None:
    """Lines of public reports, each with one known cause."""
    folder = shared / "cases" / "check" / "logs"
    silent = [
        path.stem
        for path in sorted(folder.glob("*.log"))
        if not match_log(path.read_text(encoding="utf-8", errors="replace").split("\n"))
    ]
    assert silent == []


@table(
    "text, state, library, symbol, version",
    [
        ("glibc", "ImportError: libcudnn.so.8: cannot open shared object file: No such file or directory", "missing", "libcudnn.so.8", "", ""),
        ("a C++ program", "./train: error while loading shared libraries: libcudnn.so.8: cannot open shared object file", "missing", "libcudnn.so.8", "", ""),
        ("musl", "Error loading shared library libcudnn.so.8: No such file or directory (needed by /opt/x.so)", "missing", "libcudnn.so.8", "", ""),
        ("TensorFlow 2", "W dso_loader.cc:64] Could not load dynamic library 'libcudnn.so.8'; dlerror: none", "missing", "libcudnn.so.8", "", ""),
        ("TensorFlow 2.13", "W dso_loader.cc:55] Could not dlopen dynamic library 'libcudnn.so.8'; dlerror: none", "missing", "libcudnn.so.8", "", ""),
        ("cuDNN 9", "Unable to load any of {libcudnn_ops.so.9.1.0, libcudnn_ops.so.9}", "missing", "libcudnn_ops.so.9.1.0", "", ""),
        ("cuDNN on Windows", "Could not locate cudnn_ops64_9.dll. Please make sure it is in your library path!", "missing", "cudnn_ops64_9.dll", "", ""),
        ("macOS", "ImportError: dlopen(x.so, 2): Library not loaded: @rpath/libomp.dylib\n  Referenced from: x", "missing", "libomp.dylib", "", ""),
        ("Windows, by Python", "FileNotFoundError: Could not find module 'C:\\env\\a.dll' (or one of its dependencies)", "unloadable", "a.dll", "", ""),
        ("Windows, by torch", 'OSError: [WinError 126] x. Error loading "C:\\env\\torch\\lib\\c10.dll" or one of its dependencies.', "unloadable", "c10.dll", "", ""),
        ("Windows, by ONNX Runtime", 'LoadLibrary failed with error 126 "" when trying to load "C:\\env\\p_cuda.dll"', "unloadable", "p_cuda.dll", "", ""),
        ("Windows, by cuDNN", "Could not load library cudnn_cnn_infer64_8.dll. Error code 126", "unloadable", "cudnn_cnn_infer64_8.dll", "", ""),
        ("ONNX Runtime on Linux", "Failed to load library libonnxruntime_providers_cuda.so with error: none", "unloadable", "libonnxruntime_providers_cuda.so", "", ""),
        ("llama.cpp", "RuntimeError: Failed to load shared library '/opt/libllama.so': none", "unloadable", "libllama.so", "", ""),
        ("CuPy", "RuntimeError: CuPy failed to load libnvrtc.so.12: OSError", "missing", "libnvrtc.so.12", "", ""),
        ("glibc, a symbol", "ImportError: /opt/a.so: undefined symbol: foo, version libfoo.so.2", "undefined", "", "foo", "libfoo.so.2"),
        ("glibc, a symbol at its first call", "python: symbol lookup error: /opt/a.so.1: undefined symbol: foo", "undefined", "", "foo", ""),
        ("glibc, a versioned symbol", "/opt/a.so: symbol foo, version V_1 not defined in file libfoo.so.2 with link time reference", "undefined", "libfoo.so.2", "foo", "V_1"),
        ("musl, a symbol", "Error relocating /opt/a.so: foo: symbol not found", "undefined", "", "foo", ""),
        ("macOS, a symbol", "ImportError: dlopen(a.so, 0x0002): symbol not found in flat namespace '_foo'", "undefined", "", "foo", ""),
        ("macOS before 12, a symbol", "ImportError: dlopen(a.so, 2): Symbol not found: _foo\n  Referenced from: a.so", "undefined", "", "foo", ""),
        ("cuDNN, a symbol", "Invalid handle. Cannot load symbol cudnnGetVersion", "undefined", "", "cudnnGetVersion", ""),
        ("glibc, a version", "ImportError: /lib/libc.so.6: version `GLIBC_2.34' not found (required by /opt/a.so)", "version", "libc.so.6", "", "GLIBC_2.34"),
        ("a version without quotes", "/lib/libstdc++.so.6: version GLIBCXX_3.4.30 not found", "version", "libstdc++.so.6", "", "GLIBCXX_3.4.30"),
    ],
)  # fmt: skip
def test_every_loader_is_understood(text: str, state: str, library: str, symbol: str, version: str) -> None:
    seen = {
        (found.state.value, found.library, found.symbol, found.version)
        for found in find_failures(" ".join(text.split("\n")))
    }
    assert (state, library, symbol, version) in seen
    assert len(seen) == 1


def test_repeated_message_is_counted() -> None:
    message = "RuntimeError: CUDA error: no kernel image is available for execution on the device"
    [match] = match_log([f"[rank{rank}]: {message}" for rank in range(8)])
    assert (match.line, match.count) == (1, 8)


def test_what_every_machine_without_a_gpu_says_counts_where_one_is_meant() -> None:
    line = "I cudart_stub.cc:31] Could not find cuda drivers on your machine, GPU will not be used."
    assert match_log([line]) == ()
    assert [match.id for match in match_log([line], expects_gpu=True)] == ["tf-no-driver"]


def test_rules_of_signatures_exist() -> None:
    known = {rule.id for rule in all_rules()}
    for row in ROWS.values():
        assert set(row.rules) <= known


CF = "conda-forge/linux-64"
TORCH_WHEEL = "torch-2.7.0-cp311-cp311-manylinux_2_28_x86_64.whl"
FLASH = "flash_attn-2.7.4.post1+cu12torch2.6cxx11abiFALSE-cp311-cp311-linux_x86_64.whl"


@table(
    "log, env, names",
    [
        (
            "a rule sees the cause",
            "ImportError: /opt/env/lib/libtorch_cpu.so: undefined symbol: iJIT_NotifyEvent",
            Env(
                conda="pytorch/linux-64/pytorch-2.1.0-py3.11_cuda12.1_cudnn8.9.2_0.tar.bz2 "
                f"{CF}/mkl-2024.1.0-ha957f24_693.conda"
            ),
            ["torch/mkl-2024-1", "mkl 2024.1.0"],
        ),
        (
            "a wheel for another torch",
            "ImportError: /opt/env/lib/python3.11/site-packages/flash_attn_2_cuda.cpython-311-x86_64-linux-gnu.so: undefined symbol: _ZN3c105ErrorC2E",
            Env(pip=f"{TORCH_WHEEL} {FLASH}"),
            ["torch/flash-attn", "flash-attn 2.7.4.post1", "torch 2.7.0"],
        ),
        (
            "the package whose file was asked for, which no row names",
            "OSError: /opt/env/lib/python3.11/site-packages/torch_scatter/_version_cuda.so: undefined symbol: _ZN5torch3jit17parseSchemaOrNameERKSs",
            Env(pip="torch==2.7.0 torch-scatter==2.1.2"),
            ["torch-scatter 2.1.2", "torch 2.7.0"],
        ),
        (
            "the libraries that are there",
            "ImportError: libcudnn.so.8: cannot open shared object file: No such file or directory",
            Env(pip="nvidia-cudnn-cu12==9.1.0.70 torch==2.5.1 rich==14.0"),
            ["nvidia-cudnn-cu12 9.1.0.70"],
        ),
        (
            "the pair that doesn't go together",
            "RuntimeError: jaxlib version 0.4.31 is newer than and incompatible with jax version 0.4.20.",
            Env(pip="jax==0.4.20 jaxlib==0.4.31"),
            ["jax 0.4.20", "jaxlib 0.4.31"],
        ),
        (
            "conda's package",
            "RuntimeError: Numpy is not available",
            Env(conda=f"{CF}/numpy-2.2.6-py311h5d046bc_0.conda", pip="torch==2.1.0"),
            ["numpy 2.2.6", "torch 2.1.0"],
        ),
    ],
)
def test_the_environment_shows_the_packages_behind_a_failure(log: str, env: Env, names: list[str]) -> None:
    [match] = match_log(log.split("\n"))
    explained = explain_match(match, make_context(env))
    said = "\n".join(
        [
            *explained.packages,
            *(f"{finding.rule}: {finding.message}" for finding in explained.findings),
            *(line for finding in explained.findings for line in finding.evidence),
        ]
    )
    for name in names:
        assert name in said
    assert "rich" not in said


def test_clean_line_keeps_the_message() -> None:
    assert clean_line("2026-11-20T09:14:03Z [rank0]: \x1b[31mValueError: no\x1b[0m\r\n") == "ValueError: no"


@settings(deadline=None, max_examples=examples(60))
@given(st.lists(st.text(max_size=80), max_size=30))
def test_any_text_can_be_read(lines: list[str]) -> None:
    for match in match_log(lines):
        assert 1 <= match.line <= len(lines)
