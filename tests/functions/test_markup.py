from xml.etree import ElementTree as ET

from functions.markup import document


def test_lists_and_objects_become_elements():
    text = document("services", [{"service_code": "a", "metadata": False, "lat": 31.5, "account_id": None}])

    assert text == (
        '<?xml version="1.0" encoding="utf-8"?>\n<services><service><service_code>a</service_code>'
        "<metadata>false</metadata><lat>31.5</lat><account_id></account_id></service></services>"
    )
    assert "<metadata>true</metadata>" in document("service", {"metadata": True})


def test_whatever_is_said_is_text_and_the_document_can_be_read():
    said = 'A & B </name><x a="1"> \x00\x08\ud800\ufffe ضلع لاہور'
    read = ET.fromstring(document("discovery", {"name": said}))

    assert [each.tag for each in read.iter()] == ["discovery", "name"]
    assert read[0].text == 'A & B </name><x a="1">  ضلع لاہور'
