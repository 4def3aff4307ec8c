"""The cells of `docs/leaks.md` that show a token: each gets it in `t`, and where TOKEN stands, as it is."""

from __future__ import annotations

# Place → cells whose outputs would show the token, and do not.
HIDDEN_OUTPUTS: dict[str, list[str]] = {
    "last expression, `print`, logging": ["t", "print('it is', t)", "import logging\nlogging.warning('it is %s', t)"],
    "`os.environ`, `!env`, `vars()`": [
        "import os\nos.environ['X'] = t\nos.environ",
        "dict(os.environ)",
        "!env",
        "class C: pass\nc = C(); c.a = t\nvars(c)",
    ],
    "`%env NAME=value`, `%set_env`": ["%env QUIX_T=TOKEN", "%set_env QUIX_T $t", "%env QUIX_T={t}"],
    "`%env NAME`": ["import os\nos.environ['X'] = t\n%env X"],
    "`%env`": ["import os\nos.environ['QUIX_PAT'] = t\n%env"],
    "`%whos`": ["%whos"],
    "`%history`, `%rerun`, `%%capture` and `.show()`": [
        "x = 'TOKEN'\n%history",
        "%rerun",
        "from IPython.utils.capture import capture_output\nwith capture_output() as c: print(t)\nc.show()",
    ],
    "traceback, `%xmode Plain`": ["%xmode Plain\nint('TOKEN')"],
    "traceback, `%xmode Context`": ["%xmode Context\na = 1\nx = 'TOKEN'\n1 / 0", "int(t)"],
    "traceback, `%xmode Verbose`": ["%xmode Verbose\ndef f(a):\n    local = a\n    return local / 0\nf(t)"],
    "traceback, `%xmode Docs`": ["%xmode Docs\nint('TOKEN')"],
    "text of an exception": ["raise ValueError(f'not {t}')", "{}[t]"],
    "`SyntaxError`": ["Quix__Sdk__Token=TOKEN"],
    "rich's traceback with `show_locals=True`": [
        "from rich.console import Console\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n"
        "    Console(force_jupyter=True).print_exception(show_locals=True)"
    ],
    "`rich.print` of a dictionary": ["import rich\nrich.print({'a': t})"],
    "`rich.print` of a long line": ["import rich\nrich.print('word ' * 22 + f'https://quix.io/?token={t}&x=1')"],
    "pandas' DataFrame and Series": [
        "import pandas as pd\npd.DataFrame({'token': [t], 'n': [1]})",
        "import pandas as pd\npd.Series([t])",
    ],
    "pprint, textwrap, json, a pickle's `repr`": [
        "from pprint import pprint\npprint({'a': [t] * 9})",
        "import textwrap\ntextwrap.wrap('x ' + t, 24)",
        "import json\njson.dumps({'a': t})",
        "import pickle\npickle.dumps(t)",
    ],
    "`Text`, `HTML`, `Dropdown`, `Output` widgets": [
        "import ipywidgets\nipywidgets.Text(value=t)",
        "ipywidgets.HTML(value=f'<b>{t}</b>')",
        "ipywidgets.Dropdown(options=[t, 'x'])",
        "o = ipywidgets.Output()\nwith o: print(t)\no",
    ],
    "`%run`, `%prun`, `%timeit`, `%sx`, `!!`, `%%script`": [
        "with open('run.py', 'w') as file: print(f'print({t!r})', file=file)\n%run run.py",
        "%prun print(t)",
        "%%timeit -n1 -r1\nprint(t)",
        "%sx echo {t}",
        "!!echo $t",
        "%%script bash\necho TOKEN",
    ],
    "an exception of a task, a thread, a finalizer": [
        "import asyncio, gc\nasync def fail(text): raise ValueError(text)\ntask = asyncio.ensure_future(fail(t))\n"
        "await asyncio.wait([task])\ndel task\ngc.collect()",
        "import threading\nthread = threading.Thread(target=int, args=[t])\nthread.start(); thread.join()",
        "class Fails:\n    def __del__(self): raise ValueError(t)\nfails = Fails()\ndel fails",
        "import warnings\nwarnings.warn(t)",
    ],
    "a display of any other kind, its metadata and its updates": [
        "from IPython.display import JSON, Javascript, display, update_display\nJavascript(f'x = \"{t}\"')",
        "JSON({'a': [t]})",
        "display({'application/x-mine': t, 'application/vnd.mine+json': {t: [t]}}, raw=True)",
        "display({'text/plain': 'x'}, metadata={'a': {t: t}}, raw=True)",
        "shown = display('x', display_id=True)\nupdate_display(t, display_id=shown.display_id)",
        "get_ipython().payload_manager.write_payload({'source': 'page', 'data': {'text/plain': t}, 'start': 0})",
        "from comm import create_comm\ncomm = create_comm(target_name='a', data={'a': t}, metadata={'b': t})\n"
        "comm.send({'c': [t]}, metadata={t: 1})\ncomm.close({'d': t})",
    ],
    "two halves of one, with something else between": [
        "import sys\nfrom IPython.display import display\nprint(t[:30], end='', flush=True)\ndisplay(1)\n"
        "print(t[30:], flush=True)",
        "print(t[:30], end='', flush=True)\nprint('x', file=sys.stderr, flush=True)\nprint(t[30:], flush=True)",
        "for letter in t: print(letter, end='', flush=True)",
    ],
    "httpx: `dict(headers)`": [
        "import httpx\ndict(httpx.Request('GET', 'http://a', headers={'Authorization': t}).headers)"
    ],
    "httpx: text of its errors": [
        "import httpx\ntry:\n    httpx.get(f'http://127.0.0.1:{port}/404?token={t}').raise_for_status()\n"
        "except httpx.HTTPError as error: print(error)"
    ],
    "httpx: log at level INFO": [
        "import httpx, logging, sys\nlog = logging.getLogger('httpx'); log.setLevel('INFO')\n"
        "handler = logging.StreamHandler(sys.stdout); log.addHandler(handler)\n"
        "httpx.get(f'http://127.0.0.1:{port}/404?token={t}'); log.removeHandler(handler)"
    ],
    "requests: `repr` and text of errors": [
        "import requests\nrequests.get(f'http://127.0.0.1:{port}/404?token={t}').raise_for_status()"
    ],
    "requests: headers": ["import requests\ns = requests.Session(); s.headers['Authorization'] = t\ns.headers"],
    "`http.client` with `debuglevel=1`": [
        "import http.client\nc = http.client.HTTPConnection('127.0.0.1', port); c.set_debuglevel(1)\n"
        "c.request('GET', '/404', headers={'Authorization': f'Bearer {t}'}); c.close()"
    ],
    "aiohttp: `repr` of an error": [
        "import aiohttp\nasync with aiohttp.ClientSession(raise_for_status=True, headers={'Authorization': t}) as s:\n"
        "    try:\n        await s.get(f'http://127.0.0.1:{port}/404')\n"
        "    except aiohttp.ClientResponseError as exc: error = exc\nerror"
    ],
    "librdkafka's debug log": [
        "import subprocess, sys\ncode = '''import sys, confluent_kafka\n"
        "confluent_kafka.Producer({'client.id': sys.stdin.read(), 'debug': 'all'}).flush(0.1)'''\n"
        "done = subprocess.run([sys.executable, '-c', code], input=t, text=True, capture_output=True)\n"
        "print(done.stderr)"
    ],
    "the configuration as a dictionary, in a traceback with variables": [
        "from rich.console import Console\nconfiguration = {'sasl.password': t}\ntry:\n    1 / 0\n"
        "except ZeroDivisionError:\n    Console(force_jupyter=True).print_exception(show_locals=True)"
    ],
    "a dataclass": ["from dataclasses import make_dataclass\nmake_dataclass('D', ['a'])(t)"],
    "pydantic: a field that is missing": [
        "import pydantic\nclass Settings(pydantic.BaseModel):\n    token: pydantic.SecretStr\n    url: str\n"
        "Settings(token=t)"
    ],
}

# Place → cells whose outputs show nothing by themselves: neither a token nor a replacement.
CLEAN_OUTPUTS: dict[str, list[str]] = {
    "traceback, `%xmode Minimal`": ["%xmode Minimal\nx = 'TOKEN'\n1 / 0", "def f(a):\n    return a / 0\nf(t)"],
    "rich's traceback": [
        "from rich.console import Console\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n"
        "    Console(force_jupyter=True).print_exception()"
    ],
    "httpx: `repr` of requests, clients and headers": [
        "import httpx\nr = httpx.Request('GET', 'http://a', headers={'Authorization': t})\n"
        "r, r.headers, httpx.Client(headers={'Authorization': t})"
    ],
    "httpx and urllib3: log at level DEBUG": [
        "import httpx, requests, logging, sys\nroot = logging.getLogger(); level = root.level; root.setLevel('DEBUG')\n"
        "handler = logging.StreamHandler(sys.stdout); root.addHandler(handler)\n"
        "httpx.get(f'http://127.0.0.1:{port}/404', headers={'Authorization': t})\n"
        "requests.get(f'http://127.0.0.1:{port}/404', headers={'Authorization': t})\n"
        "root.removeHandler(handler); root.setLevel(level)"
    ],
    "urllib's `HTTPError`": [
        "import urllib.request as u\nu.urlopen(u.Request(f'http://127.0.0.1:{port}/404', headers={'Authorization': t}))"
    ],
    "confluent-kafka: `repr` of clients": [
        "import confluent_kafka\nconfluent_kafka.Producer({'sasl.password': t, 'sasl.username': 'a'})"
    ],
    "confluent-kafka: errors of the configuration": [
        "import confluent_kafka\nconfluent_kafka.Producer({'sasl.password': t, 'sasl.pasword': 'x'})",
        "confluent_kafka.Producer({'sasl.password': t, 'security.protocol': 'no such'})",
        "import confluent_kafka\nconfluent_kafka.Producer({'sasl.password': t, 'sasl.mechanism': 'no such'})",
    ],
    "the `repr` of a function or graph": ["import functools\ndef f(): return t\nf, [f], {'a': f}"],
}
