#include "cluster/lex_dialect.h"

#include <string.h>

/*
 * Aliases that are no program elsewhere, and cmdlets as they are written. Names that a shell of
 * another system has as a program (ls, cat, cp, rm, sort, curl, ...) stay: they do the same there.
 * Sorted by the name in small letters.
 */
static const struct name_row {
    const char *name;
    const char *cmdlet;
} NAMES[] = {
    {"%", "ForEach-Object"},
    {"?", "Where-Object"},
    {"ac", "Add-Content"},
    {"add-content", "Add-Content"},
    {"cls", "Clear-Host"},
    {"compress-archive", "Compress-Archive"},
    {"convertfrom-json", "ConvertFrom-Json"},
    {"convertto-json", "ConvertTo-Json"},
    {"copy-item", "Copy-Item"},
    {"expand-archive", "Expand-Archive"},
    {"export-csv", "Export-Csv"},
    {"fl", "Format-List"},
    {"foreach", "ForEach-Object"},
    {"foreach-object", "ForEach-Object"},
    {"format-list", "Format-List"},
    {"format-table", "Format-Table"},
    {"ft", "Format-Table"},
    {"gal", "Get-Alias"},
    {"gc", "Get-Content"},
    {"gci", "Get-ChildItem"},
    {"gcm", "Get-Command"},
    {"get-childitem", "Get-ChildItem"},
    {"get-ciminstance", "Get-CimInstance"},
    {"get-command", "Get-Command"},
    {"get-content", "Get-Content"},
    {"get-date", "Get-Date"},
    {"get-eventlog", "Get-EventLog"},
    {"get-help", "Get-Help"},
    {"get-item", "Get-Item"},
    {"get-itemproperty", "Get-ItemProperty"},
    {"get-location", "Get-Location"},
    {"get-module", "Get-Module"},
    {"get-netipaddress", "Get-NetIPAddress"},
    {"get-process", "Get-Process"},
    {"get-service", "Get-Service"},
    {"get-winevent", "Get-WinEvent"},
    {"get-wmiobject", "Get-WmiObject"},
    {"gi", "Get-Item"},
    {"gm", "Get-Member"},
    {"gp", "Get-ItemProperty"},
    {"gps", "Get-Process"},
    {"gsv", "Get-Service"},
    {"gwmi", "Get-WmiObject"},
    {"icm", "Invoke-Command"},
    {"iex", "Invoke-Expression"},
    {"import-module", "Import-Module"},
    {"install-module", "Install-Module"},
    {"invoke-command", "Invoke-Command"},
    {"invoke-expression", "Invoke-Expression"},
    {"invoke-restmethod", "Invoke-RestMethod"},
    {"invoke-webrequest", "Invoke-WebRequest"},
    {"ipmo", "Import-Module"},
    {"irm", "Invoke-RestMethod"},
    {"iwr", "Invoke-WebRequest"},
    {"join-path", "Join-Path"},
    {"measure-command", "Measure-Command"},
    {"measure-object", "Measure-Object"},
    {"move-item", "Move-Item"},
    {"new-item", "New-Item"},
    {"new-itemproperty", "New-ItemProperty"},
    {"new-object", "New-Object"},
    {"ni", "New-Item"},
    {"out-file", "Out-File"},
    {"out-null", "Out-Null"},
    {"out-string", "Out-String"},
    {"remove-item", "Remove-Item"},
    {"rename-item", "Rename-Item"},
    {"resolve-path", "Resolve-Path"},
    {"restart-service", "Restart-Service"},
    {"ri", "Remove-Item"},
    {"rvpa", "Resolve-Path"},
    {"sajb", "Start-Job"},
    {"saps", "Start-Process"},
    {"sasv", "Start-Service"},
    {"select", "Select-Object"},
    {"select-object", "Select-Object"},
    {"select-string", "Select-String"},
    {"set-content", "Set-Content"},
    {"set-executionpolicy", "Set-ExecutionPolicy"},
    {"set-item", "Set-Item"},
    {"set-itemproperty", "Set-ItemProperty"},
    {"set-location", "Set-Location"},
    {"sl", "Set-Location"},
    {"sls", "Select-String"},
    {"sort-object", "Sort-Object"},
    {"split-path", "Split-Path"},
    {"spps", "Stop-Process"},
    {"spsv", "Stop-Service"},
    {"start-job", "Start-Job"},
    {"start-process", "Start-Process"},
    {"start-service", "Start-Service"},
    {"start-sleep", "Start-Sleep"},
    {"stop-process", "Stop-Process"},
    {"stop-service", "Stop-Service"},
    {"test-connection", "Test-Connection"},
    {"test-netconnection", "Test-NetConnection"},
    {"test-path", "Test-Path"},
    {"where", "Where-Object"},
    {"where-object", "Where-Object"},
    {"write-host", "Write-Host"},
    {"write-output", "Write-Output"},
};

#define NAME_MAX_LENGTH 32

static struct opk_str command_name(struct opk_str value)
{
    char small[NAME_MAX_LENGTH + 1];
    size_t begin = 0;
    size_t end = sizeof(NAMES) / sizeof(NAMES[0]);

    if (value.len > NAME_MAX_LENGTH)
        return value;
    for (size_t i = 0; i < value.len; i++)
        small[i] = opk_to_lower(value.data[i]);
    small[value.len] = '\0';
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        int order = strcmp(NAMES[middle].name, small);
        if (order == 0)
            return opk_str_of(NAMES[middle].cmdlet);
        if (order < 0)
            begin = middle + 1;
        else
            end = middle;
    }
    return value;
}

/* Verb-Noun, as every cmdlet is named. */
static bool is_cmdlet(struct opk_str name)
{
    size_t dash = opk_str_find_byte(name, '-', 0);

    return dash != OPK_NPOS && dash > 1 && dash + 1 < name.len && opk_is_upper(name.data[0]) &&
           opk_is_upper(name.data[dash + 1]);
}

/* -recurse -> -Recurse */
static struct opk_str parameter(struct opk_str value, struct opk_arena *arena)
{
    char *data;

    if (!opk_is_lower(value.data[1]))
        return value;
    data = opk_arena_alloc(arena, value.len);
    if (!data)
        return OPK_STR_EMPTY;
    memcpy(data, value.data, value.len);
    data[1] = (char)(data[1] - 'a' + 'A');
    return (struct opk_str){data, value.len};
}

struct opk_str opk_lex_powershell_name(struct opk_str value, struct opk_str program,
                                       unsigned *flags, struct opk_arena *arena)
{
    if (program.len == 0)
        return command_name(value);
    if (value.len < 2 || value.data[0] != '-' || !opk_is_alpha(value.data[1]) ||
        !is_cmdlet(program))
        return value;
    *flags |= OPK_WORD_SWITCH;
    return parameter(value, arena);
}
