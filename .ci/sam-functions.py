"""Prints, as JSON by logical id, how `sam local invoke` would run each function of a template.

It asks the SAM CLI's own code, of the version that `.ci/sam` installs: which functions it finds, where their code
lies, and which variables they get. Usage: sam-functions.py <template> <env-vars file>
"""

import json
import logging
import os
import sys
from pathlib import Path

from samcli.commands.local.lib.local_lambda import LocalLambdaRunner
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

template, env_vars = sys.argv[1:]
# SAM warns once for every resource of CDK that it does not know.
logging.disable(logging.WARNING)
# Of the shell, SAM would take whatever has the name of a variable of the function.
os.environ.clear()

stacks, _ = SamLocalStackProvider.get_stacks(template)
directory = str(Path(template).resolve().parent)
runner = LocalLambdaRunner(
    local_runtime=None,
    function_provider=SamFunctionProvider(stacks, use_raw_codeuri=True),
    cwd=directory,
    real_path=directory,
    env_vars_values=json.loads(Path(env_vars).read_text()),
)
# The machine's own credentials are none of a test's business.
runner.get_aws_creds = lambda: {}


def described(config):
    return {
        "directory": str(config.code_abs_path),
        "handler": config.handler,
        "runtime": config.runtime,
        "environment": config.env_vars.resolve(),
    }


print(
    json.dumps(
        {
            function.name: described(runner.get_invoke_config(function))
            for function in runner.provider.get_all()
        }
    )
)
