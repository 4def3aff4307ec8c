"""A kernel whose language is not Python."""

from __future__ import annotations

from typing import Any, ClassVar

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel


class OtherKernel(Kernel):
    """Runs nothing."""

    implementation = language = banner = "other"
    implementation_version = "1"
    language_info: ClassVar[dict[str, str]] = {"name": "other", "mimetype": "text/plain", "file_extension": ".other"}

    def do_execute(self, *_: object, **__: object) -> dict[str, Any]:
        return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=OtherKernel)
