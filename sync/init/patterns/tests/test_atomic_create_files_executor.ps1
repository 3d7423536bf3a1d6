<#
.SYNOPSIS
    Tests of patterns/executors/atomic_create_files_executor.ps1. Exit code 0 when all hold.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$executor = Join-Path $PSScriptRoot '../executors/atomic_create_files_executor.ps1'
$failures = 0

function Invoke-Case([string]$Name, [object[]]$Files, [string[]]$Before, [int]$Exit, [string[]]$After) {
    $root = Join-Path ([System.IO.Path]::GetTempPath()) ([System.Guid]::NewGuid().ToString('N'))
    [void](New-Item -ItemType Directory -Path $root)
    foreach ($path in $Before) { [System.IO.File]::WriteAllText((Join-Path $root $path), 'before') }
    $inputPath = Join-Path ([System.IO.Path]::GetTempPath()) "$([System.Guid]::NewGuid()).json"
    @{ root = $root; files = $Files } | ConvertTo-Json -Depth 5 | Set-Content -LiteralPath $inputPath
    & pwsh -NoProfile -File $executor -InputPath $inputPath *> $null
    $found = @(Get-ChildItem -LiteralPath $root -Recurse -File | ForEach-Object Name | Sort-Object)
    if ($LASTEXITCODE -ne $Exit -or ($found -join ' ') -ne ($After -join ' ')) {
        Write-Output "FAILED $Name`: exit $LASTEXITCODE, files $($found -join ' ')"
        $script:failures++
    }
    Remove-Item -LiteralPath $root -Recurse -Force
    Remove-Item -LiteralPath $inputPath
}

$a = @{ path = 'a.txt'; content = 'a' }
$b = @{ path = 'b.txt'; content = 'b' }
$out = @{ path = '../out.txt'; content = 'x' }

Invoke-Case 'two files' @($a, $b) @() 0 @('a.txt', 'b.txt')
Invoke-Case 'one exists, so none is created' @($a, $b) @('b.txt') 1 @('b.txt')
Invoke-Case 'a path leaves the root' @($a, $out) @() 1 @()
Invoke-Case 'a path is given twice' @($a, $a) @() 1 @()

exit [int]($failures -gt 0)
