# Calls the rpc port of the given contract by the stub that SOAP::Lite makes of it: one JSON object a line.
use strict;
use warnings;
use JSON::PP;
use SOAP::Lite;

my $calls = SOAP::Lite->service($ARGV[1], 'Stock', 'Calls');
my ($item, $at) = $calls->Count('north', 3);
print JSON::PP->new->canonical->encode({ case => 'rpc', answer => { item => $item, at => $at } }), "\n";
