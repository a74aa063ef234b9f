<?php

/** @extension outlast */

namespace Outlast;

function on_abort(callable $callback): void {}
