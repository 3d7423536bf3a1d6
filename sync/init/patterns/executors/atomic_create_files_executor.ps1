<#
.SYNOPSIS
    PAT-ATOMIC-CREATE-001: create several files together, or none of them.
.DESCRIPTION
    Reads an input that follows patterns/schemas/atomic_create_files.schema.json and writes
    {"created": [...]} to standard output. Exit code 0 when every file was created, 1 when none was.
.PARAMETER InputPath
    The JSON file with the input.
#>
param(
    [Parameter(Mandatory = $true)]
    [string]$InputPath
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Resolve-Target([string]$Root, [string]$Path) {
    $target = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($Root, $Path))
    $prefix = $Root.TrimEnd([System.IO.Path]::DirectorySeparatorChar) +
        [System.IO.Path]::DirectorySeparatorChar
    if (-not $target.StartsWith($prefix, [System.StringComparison]::Ordinal)) {
        throw "path leaves the root: $Path"
    }
    if (Test-Path -LiteralPath $target) {
        throw "file exists: $Path"
    }
    return $target
}

$request = Get-Content -LiteralPath $InputPath -Raw | ConvertFrom-Json
$root = [System.IO.Path]::GetFullPath($request.root)
$staging = Join-Path $root ('.staging-' + [System.Guid]::NewGuid().ToString('N'))
$moved = New-Object System.Collections.Generic.List[string]

try {
    # validate
    $targets = @($request.files | ForEach-Object { Resolve-Target $root $_.path })
    if (@($targets | Sort-Object -Unique).Count -ne $targets.Count) {
        throw 'a path is given twice'
    }
    # stage
    [void](New-Item -ItemType Directory -Path $staging)
    for ($i = 0; $i -lt $targets.Count; $i++) {
        [System.IO.File]::WriteAllText((Join-Path $staging "$i"), $request.files[$i].content)
    }
    # commit
    for ($i = 0; $i -lt $targets.Count; $i++) {
        [void](New-Item -ItemType Directory -Force -Path (Split-Path -Parent $targets[$i]))
        [System.IO.File]::Move((Join-Path $staging "$i"), $targets[$i])
        $moved.Add($targets[$i])
    }
    @{ created = @($request.files | ForEach-Object { $_.path }) } | ConvertTo-Json -Compress
    exit 0
}
catch {
    # undo
    foreach ($target in $moved) { Remove-Item -LiteralPath $target -Force }
    [Console]::Error.WriteLine("atomic create: $($_.Exception.Message)")
    exit 1
}
finally {
    if (Test-Path -LiteralPath $staging) { Remove-Item -LiteralPath $staging -Recurse -Force }
}
