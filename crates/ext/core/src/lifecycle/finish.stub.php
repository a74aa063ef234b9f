<?php

/** @extension cgi-fcgi */

function fastcgi_finish_request(): bool {}
