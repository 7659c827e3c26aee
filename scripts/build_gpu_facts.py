"""Turn tables of GPU facts (YAML, one file per subject) into the rows that the checks read.

Run it as ``python scripts/build_gpu_facts.py FOLDER`` with the folder that holds
``gpu/*.yaml``, ``azureml/*.json`` and ``channels/``; it rewrites
``resolver/checks/data/*.json``. Every row ends in the index of its source; a
source is a name and the date on which it was written or read.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

OUT = Path(__file__).resolve().parent.parent / "resolver" / "checks" / "data"
#: Which rules see a failure beforehand, and words of our own where the table has none.
SIGNATURE_RULES = Path(__file__).resolve().parent / "signature_rules.json"
DATE = re.compile(r"(20\d\d-\d\d-\d\d)")
GLIBC = {"manylinux1": "2.5", "manylinux2010": "2.12", "manylinux2014": "2.17"}
DRIVER_TABLE = "CUDA 13.1 release notes, table `Toolkit Driver Version`"
RELEASE_MATRIX = "pytorch RELEASE.md, `Release Compatibility Matrix`"


class Table:
    """Rows of one subject and the sources they cite."""

    def __init__(self, name: str, about: str, columns: str, read: str) -> None:
        self.name, self.about, self.columns, self.read = name, about, columns.split(), read
        self.sources: dict[tuple[str, str], int] = {}
        self.rows: list[list[Any]] = []

    def source(self, text: str) -> int:
        """Return the index of a source, added when it is new."""
        text = clean_source(text)
        found = DATE.search(text)
        key = (text, found[1] if found else self.read)
        return self.sources.setdefault(key, len(self.sources))

    def add(self, *row: Any, source: str) -> None:
        """Append one row; its last column is the source."""
        if len(row) + 1 != len(self.columns):
            raise ValueError(f"{self.name}: {row}")
        self.rows.append([*row, self.source(source)])

    def write(self) -> None:
        """Write the table, one row a line."""

        def dump(value: object) -> str:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

        rows = ",\n".join(dump(row) for row in self.rows)
        sources = ",\n".join(dump(list(key)) for key in self.sources)
        text = (
            f'{{"about":{dump(self.about)},"read":{dump(self.read)},\n"sources":[\n{sources}],\n'
            f'"columns":{dump(self.columns)},\n"rows":[\n{rows}]}}\n'
        )
        (OUT / f"{self.name}.json").write_text(text, encoding="utf-8")


def clean_source(text: str) -> str:
    """Return a source without the marks of a reading session."""
    text = re.sub(r"\s+", " ", str(text or "")).strip(" ;,")
    text = re.sub(r"(given in )?b\wief[/,]\s*", "", text)
    text = re.sub(
        r"; (several repos, e\.g\. )?id \d+(, \d+)*|several repos, e\.g\. id \d+|^id \d+.*", "", text
    )
    text = re.sub(r"\(Korean copy$", "", text).strip(" ;,")
    text = re.sub(r"^\+ ", "", text)
    return (
        text if len(text) > 8 and not re.fullmatch(r"[\d\s,\"']+", text) else "secondary source, not re-read"
    )


def glibc_floor(tags: Iterable[str]) -> str | None:
    """Return the lowest glibc that one of the wheel tags asks for, for example ``2.28``."""
    floors = []
    for tag in tags:
        for part in tag.split("."):
            match = re.match(r"manylinux_(\d+)_(\d+)", part)
            floors.append(f"{match[1]}.{match[2]}" if match else GLIBC[part])
    return min(floors, key=lambda text: [int(n) for n in text.split(".")], default=None)


def pythons(tags: Iterable[str]) -> list[str]:
    """Return Python versions of wheel tags: ``cp313t`` -> ``3.13t``; free-threaded ones keep their ``t``."""
    return [f"{tag[2]}.{tag[3:]}" for tag in tags]


def pins(texts: Iterable[str] | None) -> dict[str, str]:
    """Return requirement strings as name -> specifier."""
    found = {}
    for text in texts or ():
        match = re.match(r"([A-Za-z0-9_.-]+)(\[[^]]*\])?\s*(.*)", text.split(";")[0].strip())
        if match is None:
            raise ValueError(text)
        found[re.sub(r"[-_.]+", "-", match[1]).lower()] = match[3].strip()
    return dict(sorted(found.items()))


def versions(text: str) -> list[str]:
    """Return the ends of a range such as ``2.1-2.3``; one version stands for both."""
    ends = re.split(r"\s*-\s*", text)
    return [ends[0], ends[-1]]


def torch(gpu: Path) -> None:
    """Write the tables of PyTorch releases, compiled architectures and ABI."""
    data = yaml.safe_load((gpu / "pytorch.yaml").read_text())
    read = data["meta"]["compiled"]
    table = Table(
        "torch_releases",
        "PyTorch wheels: what each release on PyPI is built for and pins.",
        "version requires_python pythons glibc cuda cudnn triton pins vision audio variants matrix_cudnn "
        "disputed "
        "matrix_source source",
        read,
    )
    for row in data["releases"]:
        variants = row["index_cuda_variants"]
        disputed = [row[key] for key in ("CONFLICT", "torchvision_note", "torchaudio_note") if key in row]
        table.add(
            row["torch"],
            row["requires_python"],
            pythons(row["pypi_wheel_python_tags"]),
            glibc_floor(row["pypi_wheel_manylinux"]),
            row["pypi_default_cuda"],
            row["pypi_default_cudnn"],
            (row["triton_pin"] or "").removeprefix("triton") or None,
            pins(row["pypi_linux_gpu_pins"]),
            row["torchvision"] or [],
            row["torchaudio"] or [],
            variants if isinstance(variants, list) else None,
            row.get("cudnn_by_cuda") or {},
            disputed,
            table.source(row["index_source"]),
            source=row["source"],
        )
    table.write()

    table = Table(
        "torch_arch",
        "GPU code compiled into PyTorch: real code (sass) and portable code (ptx) by release and CUDA.",
        "channel first last cuda sass ptx note disputed source",
        read,
    )
    last_source = ""
    groups = (("pypi", data["arch_lists_pytorch_wheels"]), ("conda-forge", data["arch_lists_conda_forge"]))
    for channel, group in groups:
        for row in group:
            text = row["source"] or "no source found"
            base, rest = last_source.split("; comment:")[0], text.removeprefix("same")
            last_source = base + rest if text.startswith("same") else text
            first, last = versions(row["torch"]) if "torch" in row else ("2.13", "2.13")
            arch = row["arch"].split(";") if row["arch"] else None
            sass = [item.removesuffix("+PTX") for item in arch] if arch else None
            ptx = [item.removesuffix("+PTX") for item in arch or () if item.endswith("+PTX")]
            for cuda in row["cuda"]:
                if "tegra" in cuda:
                    continue
                table.add(
                    channel,
                    first,
                    last,
                    cuda,
                    sass,
                    ptx,
                    row.get("note"),
                    row.get("CONFLICT"),
                    source=last_source,
                )
    table.write()

    table = Table("torch_abi", "C++ ABI of the PyTorch wheels for Linux.", "torch cxx11 source", read)
    for row in data["cxx11_abi"]:
        table.add(row["torch"], row["abi"], source=row["source"])
    table.write()
    table = Table(
        "numpy_abi",
        "Packages built for the ABI of numpy 1, which numpy 2 breaks.",
        "project before system symptom source",
        read,
    )
    rows = {row["torch"]: row for row in data["numpy2"]}
    table.add("torch", "2.3", None, rows["<2.3"]["symptom"], source=rows["<2.3"]["source"])
    windows = rows["2.3.x and 2.4.0 Windows"]
    table.add("torch", "2.4.1", "win", "_ARRAY_API not found", source=windows["source"])
    opencv = "https://github.com/opencv/opencv/issues/26779 (2025-01-16: built with numpy 2 since 4.10)"
    message = "A module that was compiled using NumPy 1.x cannot be run in NumPy 2"
    for name in (
        "opencv-python",
        "opencv-python-headless",
        "opencv-contrib-python",
        "opencv-contrib-python-headless",
    ):
        table.add(name, "4.10", None, message, source=opencv)
    table.write()


def tensorflow(gpu: Path) -> None:
    """Write the table of TensorFlow releases."""
    data = yaml.safe_load((gpu / "tensorflow.yaml").read_text())
    table = Table(
        "tensorflow_releases",
        "TensorFlow wheels: what each release needs, and the build its makers tested.",
        "version requires_python pythons glibc keras numpy protobuf ml_dtypes and_cuda tested_python "
        "tested_cuda "
        "tested_cudnn note tested_source source",
        data["meta"]["compiled"],
    )
    for row in data["releases"]:
        tested = row["tested_build"]
        table.add(
            row["tensorflow"],
            row["requires_python"],
            pythons(row["wheel_python_tags"]),
            glibc_floor(row["manylinux"]),
            row["keras"],
            row["numpy"],
            row["protobuf"],
            row["ml_dtypes"],
            pins(row["and_cuda_extra"]) if row["and_cuda_extra"] else None,
            tested["python"],
            tested["cuda"],
            tested["cudnn"],
            row.get("note"),
            table.source(row["tested_source"]),
            source=row["source"],
        )
    table.write()


def jax(gpu: Path) -> None:
    """Write what the CUDA plugins of JAX need."""
    data = yaml.safe_load((gpu / "jax.yaml").read_text())
    table = Table(
        "jax_plugins",
        "CUDA plugins of JAX: the NVIDIA packages that each release asks for.",
        "project version requires_python requires source",
        data["meta"]["compiled"],
    )
    for row in data["rows"]:
        if "plugin" in row["package"]:
            table.add(
                row["package"],
                row["version"],
                row["requires_python"],
                pins(row.get("requires")),
                source=row["source"],
            )
    table.write()


def onnxruntime(gpu: Path) -> None:
    """Write what onnxruntime-gpu is built for."""
    data = yaml.safe_load((gpu / "onnxruntime.yaml").read_text())
    table = Table(
        "onnxruntime_releases",
        "onnxruntime-gpu wheels on PyPI: CUDA and cuDNN they load.",
        "version cuda cudnn extras requires_python pythons glibc disputed source",
        data["meta"]["compiled"],
    )
    for row in data["rows"]:
        cuda = str(row["cuda"])
        disputed = row["cuda_evidence"] if row["cudnn"] == "CONFLICT" else None
        table.add(
            row["onnxruntime_gpu"],
            re.match(r"[\d.]+", cuda)[0],
            None if disputed else row["cudnn"],  # type: ignore[index]
            {extra: pins(texts) for extra, texts in (row["extras"] or {}).items()},
            row["requires_python"],
            pythons(row["wheel_python_tags"]),
            glibc_floor(row["manylinux"]),
            disputed,
            source=row["source"],
        )
    table.write()


def cuda(gpu: Path) -> None:
    """Write drivers, architectures, toolkit components, cuDNN."""
    data = yaml.safe_load((gpu / "cuda_driver.yaml").read_text())
    read = data["meta"]["compiled"]
    table = Table(
        "cuda_families", "Driver floor of each CUDA major.", "major linux windows disputed source", read
    )
    same = "https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html"
    exact = {"13": "580.65.06", "12": "525.60.13", "11": "450.80.02"}
    for row in data["minor_version_floor"]:
        if str(row["major"]) in exact:
            windows = re.search(r"(\d[\d.]+)(?= \(later)|^\d[\d.]+$", row.get("windows_min") or "")
            source = row["source"] if not row["source"].startswith("same") else same + row["source"][4:]
            table.add(
                int(row["major"]),
                exact[str(row["major"])],
                windows[0] if windows else None,
                row.get("CONFLICT"),
                source=source,
            )
    table.write()
    table = Table(
        "cuda_toolkits",
        "Driver that each CUDA toolkit comes with: what PTX and JIT need.",
        "cuda update linux windows disputed source",
        read,
    )
    for row in data["toolkit_driver"]:
        found = re.match(r"(\d+\.\d+)(\S*)\s*(.*)", row["cuda"])
        if found is None:
            raise ValueError(row)
        linux = re.search(r"\d[\d.]+", row["toolkit_driver_linux_x86_64"])
        windows = re.search(r"^>=(\d[\d.]+)", row.get("toolkit_driver_windows") or "")
        source = (
            row["source"]
            if row["source"] not in ("same", ", 54778206957")
            else "secondary source, not re-read"
        )
        table.add(
            found[1],
            (found[2].lstrip(".") + " " + found[3]).strip(),
            linux[0] if linux else None,
            windows[1] if windows else None,
            row.get("CONFLICT"),
            source="CUDA 13.3 release notes, as quoted in a secondary source"
            if "13.3" in row["cuda"]
            else source,
        )
    table.write()
    table = Table(
        "cuda_compat",
        "Which driver branch a cuda-compat package runs on (compatible, incompatible, same branch).",
        "cuda branch verdict source",
        read,
    )
    forward = data["forward_compat"]
    words = {"C": "compatible", "X": "incompatible", "N/A": "same"}
    for row in forward["matrix"]:
        for key, verdict in row.items():
            if key.startswith("driver_"):
                table.add(
                    row["cuda_compat"].replace("-", "."),
                    int(key[7:]),
                    words[verdict],
                    source=forward["source"],
                )
    table.write()

    data = yaml.safe_load((gpu / "cuda_arch.yaml").read_text())
    table = Table(
        "cuda_arch",
        "Compute capabilities a CUDA toolkit can compile for.",
        "first last lowest highest source",
        read,
    )
    for row in data["toolkits"]:
        first, last = versions(row["cuda"])
        table.add(
            first, last, row["sm_min"], int(re.match(r"\d+", str(row["sm_max"]))[0]), source=row["source"]
        )  # type: ignore[index]
    table.write()
    table = Table("gpus", "Compute capability of GPU models.", "model names capability source", read)
    for row in data["gpus"]:
        names = re.sub(r"Tesla |\(.*\)", "", row["gpu"]).strip().split("/")
        table.add(row["gpu"], [name.strip() for name in names], row["cc"], source=row["source"])
    table.write()
    data = yaml.safe_load((gpu / "cuda_toolkit_components.yaml").read_text())
    table = Table(
        "cuda_components",
        "Versions of the NVIDIA packages of each CUDA toolkit.",
        "cuda components source",
        read,
    )
    for row in data["rows"]:
        table.add(str(row["cuda_toolkit"]), row["components"], source=row["source"])
    table.write()
    data = yaml.safe_load((gpu / "cudnn.yaml").read_text())
    table = Table(
        "cudnn_support",
        "cuDNN releases: compute capabilities in their support matrix.",
        "version family capabilities note source",
        read,
    )
    last = ""
    for row in data["rows"]:
        last = last if row["source"] == "same" else row["source"]
        if "cc" in row:
            capabilities = [re.match(r"[\d.]+", str(cc))[0] for cc in row["cc"]]  # type: ignore[index]
            table.add(row["cudnn"], row["cuda_package"], capabilities, row.get("note"), source=last)
    table.write()


def machines(gpu: Path, azureml: Path) -> None:
    """Write VM sizes, base images and curated environments."""
    data = yaml.safe_load((gpu / "azure_vm_gpu.yaml").read_text())
    read = data["meta"]["compiled"]
    table = Table(
        "vm_sizes",
        "Azure VM sizes with a GPU.",
        "size series gpu capability gpus memory_gb retired status vendor machine source",
        read,
    )
    for row in data["rows"]:
        retired = re.search(r"RETIRED (\d{4}-\d{2}-\d{2})", row["status"])
        vendor = "amd" if "AMD" in row["gpu"] else "nvidia"
        machine = "aarch64" if "arm64" in row["gpu"] else "x86_64"
        sizes = [size for size in row["sizes"] if size["sku"].startswith("Standard_")] or [{"sku": None}]
        for size in sizes:
            head, *rest = (size["sku"] or "").split("/")
            names = [head or None, *(head.rsplit("_", 1)[0] + "_" + name for name in rest)]
            for name in names:
                count, memory = size.get("gpus"), size.get("gpu_mem_total_gb")
                table.add(
                    name,
                    row["series"],
                    row["gpu"],
                    row["cc"],
                    str(count) if count is not None else None,
                    memory if isinstance(memory, int) else None,
                    retired[1] if retired else None,
                    row["status"],
                    vendor,
                    machine,
                    source=row["source"],
                )
    table.write()

    data = yaml.safe_load((gpu / "azureml_base_images.yaml").read_text())
    table = Table(
        "base_images",
        "Base images: Ubuntu, glibc, CUDA, cuDNN, and whether they are still kept.",
        "image ubuntu glibc cuda cudnn deprecated status source",
        read,
    )
    for row in data["images"]:
        cudnn = row["cudnn"] if str(row["cudnn"])[:1].isdigit() else ("unknown" if row["cudnn"] else None)
        table.add(
            row["image"],
            row["ubuntu"],
            row["glibc"],
            row["cuda"],
            cudnn,
            row["status"] != "supported",
            row["status"],
            source=row["source"],
        )
    known = {row[0].rsplit("/", 1)[1] for row in table.rows}
    glibc = {row["ubuntu"]: row["glibc"] for row in data["glibc"]}
    for name, row in sorted(json.loads((azureml / "base_images.json").read_text()).items()):
        ubuntu = re.search(r"ubuntu(\d\d\.\d\d)", name)
        if name in known or not ubuntu:
            continue
        version = re.search(r"cuda([\d.]+)", name)
        cudnn = re.search(r"cudnn([\d.]+)", name)
        source = f"Azure/AzureML-Containers {row['dockerfile']}"
        table.add(
            f"mcr.microsoft.com/azureml/{name}",
            ubuntu[1],
            glibc.get(ubuntu[1]),
            version[1] if version else None,
            cudnn[1] if cudnn else None,
            ubuntu[1] < "22.04",
            "older image of the repository; not in the list of supported ones",
            source=source,
        )
    table.write()
    table = Table("ubuntu_glibc", "glibc of Ubuntu releases.", "ubuntu glibc source", read)
    for row in data["glibc"]:
        name = (
            f"Ubuntu {row['ubuntu']} package libc6; {row['source']}"
            if row["ubuntu"] < "19"
            else row["source"]
        )
        table.add(
            row["ubuntu"],
            row["glibc"],
            source=name if len(clean_source(name)) > 30 else f"Ubuntu {row['ubuntu']} package libc6",
        )
    table.write()
    table = Table(
        "curated_environments",
        "Curated environments of Azure ML: what is inside, against what the name says.",
        "name base actual honest pins current source",
        read,
    )
    described = {row["env"]: row for row in data["curated_environments"]}
    inventory = json.loads((azureml / "curated_envs.json").read_text())
    for state in ("current", "deleted"):
        for name, row in sorted(inventory[state].items()):
            repository = (row.get("mcr_repository") or "").rsplit("/", 1)[-1]
            if any(
                other[0] == (repository or name) and other[5] == (state == "current") for other in table.rows
            ):
                continue  # two folders that publish one environment
            base = [re.sub(r":\{\{.*", "", text) for text in row.get("from") or ()]
            found = described.get(name)
            pinned = {key: value.rstrip(":.") for key, value in (row.get("pins") or {}).items()}
            table.add(
                repository or name,
                base[0] if base else None,
                found["actual"] if found else None,
                found["name_matches"] if found else None,
                pinned,
                state == "current",
                source=found["source"] if found else f"Azure/azureml-assets {row.get('dir') or name}",
            )
    table.write()


def families(gpu: Path) -> None:
    """Write what belongs to a release of torch, and what each package's CUDA major is."""
    data = yaml.safe_load((gpu / "gpu_packages.yaml").read_text())
    read = data["meta"]["compiled"]
    packages = data["packages"]
    table = Table(
        "torch_pins",
        "Packages whose wheel asks for one release of torch.",
        "project version torch requires source",
        read,
    )
    for project in ("xformers", "vllm"):
        for row in packages[project]["pins"]:
            others = [row[key] for key in ("torchvision", "torchaudio", "xformers") if row.get(key)]
            if row.get("torch"):
                table.add(
                    project,
                    row["version"],
                    row["torch"].removeprefix("torch"),
                    pins(others),
                    source=row["source"],
                )
    table.write()
    table = Table(
        "package_needs",
        "Requirements of GPU packages, listed where they change.",
        "project version requires_python requires source",
        read,
    )
    for project, entry in sorted(packages.items()):
        for row in entry.get("changes") or ():
            texts = [text for text in row.get("requires") or () if "extra ==" not in text]
            table.add(
                project,
                row["version"],
                row.get("requires_python"),
                pins(texts),
                source=row.get("source")
                or f"PyPI project {project} {row['version']} wheel METADATA, read {read}",
            )
    table.write()


def conda(gpu: Path) -> None:
    """Write the CUDA builds that conda-forge published, and the limits of the pytorch channel."""
    data = yaml.safe_load((gpu / "conda_gpu.yaml").read_text())
    read = data["meta"]["compiled"]
    table = Table(
        "conda_torch",
        "CUDA versions that PyTorch in conda channels is built for.",
        "channel first last linux windows source",
        read,
    )
    for row in data["conda_forge"]["pytorch_cuda_history"]:
        first, last = versions(row["pytorch"])
        table.add("conda-forge", first, last, row["linux_cuda"], row["win_cuda"], source=row["source"])
    for row in data["pytorch_channel"]["by_torch"]:
        first, last = versions(row["torch"])
        table.add(
            "pytorch",
            first,
            last,
            re.findall(r"\d+\.\d+", row["selector"]),
            [],
            source=data["pytorch_channel"]["source"],
        )
    table.write()


def signatures(gpu: Path) -> None:
    """Write the failure signatures; those without a fixed message keep no pattern of it."""
    data = yaml.safe_load((gpu / "failure_signatures.yaml").read_text())
    table = Table(
        "signatures",
        "Run-time failures of GPU jobs: the message, its cause, what to do, which rules see it beforehand.",
        "id pattern layer cause remedy rules confidence source",
        data["meta"]["compiled"],
    )
    own = json.loads(SIGNATURE_RULES.read_text())
    previous = {"cause": "", "fix": ""}
    for row in data["signatures"]:
        cause, fix = row["cause"], row["fix"]
        if cause.startswith("same"):
            rest = cause.removeprefix("same").lstrip(", ")
            cause = f"{previous['cause']} ({rest})" if rest else previous["cause"]
        if fix.startswith("as above"):
            fix = previous["fix"] + fix.removeprefix("as above")
        previous = {"cause": cause.split(" (same")[0], "fix": fix}
        special = own[row["id"]]
        table.add(
            row["id"],
            special.get("pattern") or row["match"],
            row["layer"],
            special.get("cause") or cause,
            special.get("remedy") or fix,
            special["rules"],
            row["confidence"],
            source="; ".join(row["source"]),
        )
    table.write()


def overlap(channels: Path) -> None:
    """Write the compiled packages that both conda-forge and defaults carry (linux-64)."""
    import zstandard

    def names(channel: str) -> set[str]:
        data = json.loads(
            zstandard.ZstdDecompressor()
            .stream_reader((channels / channel / "linux-64" / "repodata.json.zst").open("rb"))
            .read()
        )
        return {row["name"] for key in ("packages", "packages.conda") for row in data.get(key, {}).values()}

    table = Table(
        "channel_overlap",
        "Compiled packages that stand in conda-forge and in another channel (linux-64).",
        "channel names source",
        "2026-11-20",
    )
    forge = names("conda-forge")
    for channel in ("pkgs/main", "pytorch", "nvidia", "intel"):
        table.add(
            channel,
            sorted(forge & names(channel)),
            source=f"repodata.json of {channel} and conda-forge, linux-64 (a sample of both)",
        )
    table.write()


def main(folder: Path) -> None:
    """Write all tables."""
    gpu, azureml = folder / "gpu", folder / "azureml"
    torch(gpu)
    tensorflow(gpu)
    jax(gpu)
    onnxruntime(gpu)
    cuda(gpu)
    machines(gpu, azureml)
    families(gpu)
    conda(gpu)
    signatures(gpu)
    overlap(folder / "channels")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
