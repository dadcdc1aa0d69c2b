"""Asks the API, and takes only the status that is expected."""


def get(http, path, expected=200, /, **parameters):
    answer = http.get(path, params=parameters)
    assert answer.status_code == expected, answer.text
    return answer.json()


def post(http, path, body, expected=200):
    answer = http.post(path, json=body)
    assert answer.status_code == expected, answer.text
    return answer.json()
