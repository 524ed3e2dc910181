"""Reads the formats of the audit log with other people's readers; prints what they understood as JSON.

Usage: read.py FOLDER. Packages: requirements.txt beside this file.
"""
import csv
import json
import sys

import jsonschema
import pycef
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from syslog_rfc5424_parser import SyslogMessage

folder = sys.argv[1]


def lines(name):
    with open(f"{folder}/{name}", encoding="utf8", newline="\n") as file:
        return [line.rstrip("\n") for line in file]


def ocsf():
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version="1.5.0"))
    for line in lines("ocsf"):
        event = json.loads(line)
        name = schema.lookup_class_name_from_uid(event["class_uid"])
        validator = jsonschema.Draft202012Validator(schema.get_class_schema(class_name=name, profiles=[]))
        faults = [error.message for error in validator.iter_errors(event)]
        yield {"class": name, "faults": faults}


def syslog():
    for line in lines("rfc5424"):
        message = SyslogMessage.parse(line).as_dict()
        yield {
            "severity": message["severity"],
            "facility": message["facility"],
            "msgid": message["msgid"],
            "elements": sorted(message["sd"]),
            "actor": message["sd"]["audit@32473"]["actor"],
        }


def cef():
    for line in lines("cef"):
        event = pycef.parse(line)
        yield {key: event[key] for key in ("DeviceEventClassID", "Severity", "outcome", "suid", "leafIndex")}


def rows():
    with open(f"{folder}/csv", encoding="utf8", newline="") as file:
        yield from (len(row) for row in csv.reader(file, strict=True))


print(json.dumps({"ocsf": list(ocsf()), "rfc5424": list(syslog()), "cef": list(cef()), "csv": list(rows())}))
