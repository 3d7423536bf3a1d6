<#
.SYNOPSIS
The verbs of opk on this repository, from wherever it is called.

.DESCRIPTION
pattern_cli.ps1 sync PAT_...        a pattern_key, pattern_id, doc_id or ulid
pattern_cli.ps1 -Command sync [-PatternId ID | -PatternKey KEY | -All] [-Check]
pattern_cli.ps1 VERB [options of opk]

Exits with opk's own code: 0 clean, 1 drift or findings, 2 usage, 3 invalid input, 4 refused,
5 conflict. The environment's OPK names the program, when it is not the opk of the PATH.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string]$Command,
    [string]$PatternId,
    [string]$PatternKey,
    [switch]$All,
    [switch]$Check,
    [Parameter(ValueFromRemainingArguments = $true)]
    [string[]]$Rest
)

$opk = if ($env:OPK) { $env:OPK } else { 'opk' }
$arguments = @()
if ($Command) { $arguments += $Command }
if ($Rest) { $arguments += $Rest }
if ($PatternId) { $arguments += @('--pattern-id', $PatternId) }
if ($PatternKey) { $arguments += @('--pattern-key', $PatternKey) }
if ($All) { $arguments += '--all' }
if ($Check) { $arguments += '--check' }

Push-Location (Join-Path $PSScriptRoot '..')
try {
    & $opk @arguments
    $code = $LASTEXITCODE
} finally {
    Pop-Location
}
exit $code
