<?php

/** @extension cgi-fcgi */

function fastcgi_finish_request(): bool {}

function apache_request_headers(): array {}

function getallheaders(): array {}

function apache_response_headers(): array {}
