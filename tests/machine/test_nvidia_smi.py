"""The output of nvidia-smi, in the forms that people keep it in, tells GPU, driver and CUDA."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from lockfiles.machine import MachineRequest, describe_request, virtual_package_requests
from resolver.errors import InputError
from resolver.inputs.virtual_packages import apply_requests, parse_virtual_package
from resolver.machine.description import describe_machine
from resolver.machine.nvidia_smi import SmiReport, parse_nvidia_smi

TABLE = """\
Mon Mar  2 09:14:31 2026
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI {driver:<23}Driver Version: {driver:<15}CUDA Version: {cuda:<9}|
|-----------------------------------------+------------------------+----------------------+
| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |
| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |
|=========================================+========================+======================|
{rows}
+-----------------------------------------------------------------------------------------+
| Processes:                                                                              |
|  GPU   GI   CI        PID   Type   Process name                              GPU Memory |
|    0   N/A  N/A      4242      C   /opt/conda/bin/python                      61234MiB |
+-----------------------------------------------------------------------------------------+
"""
ROW = """\
|   {number}  {name:<27}{mode:<8}|   0000000{number}:00:1E.0 Off |                    0 |
| N/A   31C    P0             52W /  400W |       0MiB /  81920MiB |      0%      Default |"""


def table(*names: str, driver: str = "550.54.15", cuda: str = "12.4", mode: str = "On") -> str:
    """Return what nvidia-smi prints without options."""
    rows = "\n".join(ROW.format(number=number, name=name, mode=mode) for number, name in enumerate(names))
    return TABLE.format(driver=driver, cuda=cuda, rows=rows)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A text, and what it says."""

    why: str
    text: str
    driver: str | None = None
    cuda: str | None = None
    gpus: tuple[str, ...] = ()


CASES = [
    Case(
        why="the table, eight alike",
        text=table(*["NVIDIA A100-SXM4-80GB"] * 8),
        driver="550.54.15",
        cuda="12.4",
        gpus=("NVIDIA A100-SXM4-80GB",),
    ),
    Case(
        why="the table with a name that is cut off, persistence off",
        text=table("Tesla V100-SXM2...", driver="470.256.02", cuda="11.4", mode="Off"),
        driver="470.256.02",
        cuda="11.4",
        gpus=("Tesla V100-SXM2...",),
    ),
    Case(
        why="Windows names the driver's model instead of persistence",
        text=table("NVIDIA GeForce RTX 4090", driver="551.61", cuda="12.4", mode="WDDM"),
        driver="551.61",
        cuda="12.4",
        gpus=("NVIDIA GeForce RTX 4090",),
    ),
    Case(
        why="CUDA that couldn't be told",
        text=table("Tesla T4", cuda="N/A"),
        driver="550.54.15",
        gpus=("Tesla T4",),
    ),
    Case(
        why="-L",
        text="GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-1f)\nGPU 1: NVIDIA H100 80GB HBM3 (UUID: GPU-2f)\n"
        "  MIG 1g.10gb     Device  0: (UUID: MIG-3f)\n",
        gpus=("NVIDIA H100 80GB HBM3",),
    ),
    Case(
        why="-q",
        text="==============NVSMI LOG==============\n\nDriver Version        : 535.161.08\n"
        "CUDA Version                              : 12.2\n\nAttached GPUs : 1\nGPU 00000001:00:00.0\n"
        "    Product Name                          : NVIDIA A10-24Q\n",
        driver="535.161.08",
        cuda="12.2",
        gpus=("NVIDIA A10-24Q",),
    ),
    Case(
        why="a query with its header; a capability says more than a name",
        text="name, driver_version, compute_cap, pcie.link\nSome New GPU, 595.71.05, 12.0, 5\n",
        driver="595.71.05",
        gpus=("12.0",),
    ),
    Case(
        why="a query of the name alone",
        text="name\nNVIDIA L40S\nNVIDIA L40S\n",
        gpus=("NVIDIA L40S",),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_forms_are_read(case: Case) -> None:
    assert parse_nvidia_smi(case.text) == SmiReport(driver=case.driver, cuda=case.cuda, gpus=case.gpus)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "no output of nvidia-smi"),
        ("loss 0.31 at step 400\n", "no output of nvidia-smi"),
        (
            "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
            "didn't reach a GPU",
        ),
        ("No devices were found\n", "didn't reach a GPU"),
        ("Failed to initialize NVML: Driver/library version mismatch\n", "didn't reach a GPU"),
        ("Unable to determine the device handle for GPU 0000:01:00.0: Unknown Error\n", "didn't reach a GPU"),
        ("NVIDIA A100-SXM4-80GB, 550.54.15\n", "no output of nvidia-smi"),
        ("bash: nvidia-smi: command not found\n", "didn't reach a GPU"),
    ],
)
def test_what_is_none_is_refused(text: str, part: str) -> None:
    with pytest.raises(InputError, match=part):
        parse_nvidia_smi(text)


def test_the_machine_is_what_it_says() -> None:
    machine = describe_machine(
        smi=parse_nvidia_smi(table("Tesla V100-SXM2...", driver="535.161.08", cuda="12.2"))
    )
    assert machine.gpu is not None
    assert (machine.gpu.capability, machine.driver, machine.cuda) == ("7.0", "535.161.08", "12.2")
    assert machine.driver_is_known
    assert machine.assumptions == ()


def test_the_oldest_of_several_is_taken_and_named() -> None:
    machine = describe_machine(smi=parse_nvidia_smi(table("NVIDIA A100-SXM4-80GB", "Tesla T4")))
    assert machine.gpu is not None
    assert machine.gpu.capability == "7.5"
    assert machine.assumptions == ("T4: the oldest of NVIDIA A100-SXM4-80GB, Tesla T4",)


def test_flags_outrank_it() -> None:
    report = parse_nvidia_smi(table("NVIDIA GeForce ...", driver="535.161.08", cuda="12.2"))
    machine = describe_machine(smi=report, gpu="RTX 4090", driver="550.54.15")
    assert machine.gpu is not None
    assert (machine.gpu.capability, machine.driver, machine.cuda) == ("8.9", "550.54.15", "12.4")
    assert describe_machine(smi=report, gpu="none").cuda is None


def test_a_name_that_tells_no_model_asks_for_more() -> None:
    with pytest.raises(InputError, match="cut off and tells no model"):
        describe_machine(smi=parse_nvidia_smi(table("NVIDIA GeForce ...")))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_file_is_read_and_gives_virtual_packages(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "gpu.txt"
    file.write_text(table("NVIDIA A100-SXM4-80GB"), encoding=encoding)
    machine = describe_request(MachineRequest(nvidia_smi=str(file)), ())
    told = virtual_package_requests(machine, ["linux-64", "osx-arm64"])
    assert told == ("linux-64:__cuda=12.4", "linux-64:__cuda_arch=8.0")


def test_the_architecture_goes_with_cuda() -> None:
    machine = describe_request(MachineRequest(gpu="A100", driver="550.54.15"), ())
    texts = [*virtual_package_requests(machine, ["linux-64"]), "__cuda="]
    requests = [parse_virtual_package(text) for text in texts]
    names = {package.name for package in apply_requests((), requests, "linux-64")}
    assert names == set()
    names = {package.name for package in apply_requests((), requests[:-1], "linux-64")}
    assert names == {"__cuda", "__cuda_arch"}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        describe_request(MachineRequest(nvidia_smi=str(tmp_path / "none.txt")), ())


def test_a_model_that_it_prints_and_nobody_knows_is_unknown() -> None:
    """What the driver names is there: it is no misspelling."""
    machine = describe_machine(
        smi=parse_nvidia_smi(table("NVIDIA A1000X-SXM9", driver="640.10", cuda="14.0"))
    )
    assert machine.gpu is not None
    assert (machine.gpu.model, machine.gpu.capability) == ("NVIDIA A1000X-SXM9", None)
    assert "GPU NVIDIA A1000X-SXM9" in {unknown.subject for unknown in machine.unknown}


def test_one_of_several_that_nobody_knows_is_said() -> None:
    """It may be older than the others: the oldest is that of the known ones."""
    machine = describe_machine(
        smi=parse_nvidia_smi(table("NVIDIA A100-SXM4-80GB", "Tesla T4", "NVIDIA DGX Display"))
    )
    assert machine.gpu is not None
    assert machine.gpu.capability == "7.5"
    assert machine.assumptions == ("T4: the oldest of NVIDIA A100-SXM4-80GB, Tesla T4",)
    assert [unknown.subject for unknown in machine.unknown] == ["GPU NVIDIA DGX Display"]
