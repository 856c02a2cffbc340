# Calls the service of gateway.kdl by its WSDL with SOAP::Lite: prints what came back as one JSON object a line.
use strict;
use warnings;
use utf8;
use JSON::PP;
use SOAP::Lite;

# The stubs that SOAP::Lite makes of a WSDL know elements with a name and a type alone, not references to elements: so
# it tells from the WSDL where and how to call, and the parameters are data.
my $schema = SOAP::Schema->new;
$schema->schema_url($ARGV[0]);
$schema->parse;
my ($methods) = values %{ $schema->services };

# Without a type no xsi:type is written, and no character escaped.
sub data {
    my ($name, @values) = @_;
    return map { SOAP::Data->name($name => SOAP::Utils::encode_data($_))->type('') } @values;
}

sub holder {
    my ($name, $attributes, @parts) = @_;
    return SOAP::Data->name($name => \SOAP::Data->value(@parts))->attr($attributes);
}

my %order = (xmlns => 'urn:example:clients', id => 'A-1001', express => 'true');

sub order { return createOrder => holder(Order => \%order, order_parts(@_)) }

sub order_parts {
    my ($country, $price) = @_;
    return (
        data(Placed => '2026-11-20T08:00:00.123456Z'),
        holder(Customer => {}, data(Name => 'Ada & Söhne <東京>'), data(Country => $country), data(Note => undef)),
        holder(
            Line => { position => 1 },
            data(Sku => 'ABC-1'), data(Quantity => 2), data(Price => $price), data(Tag => 'fragile', 'a  b'),
        ),
        holder(
            Line => { position => 2 },
            data(Sku => 'XYZ-22'), data(Quantity => 1), data(Price => '0.10'), data(Tag => 'one'),
        ),
    );
}

sub article { return holder(Article => { xmlns => 'urn:example:clients' }, data(Sku => $_[0]), data(Wanted => $_[1])) }

sub stock {
    my @articles = map { article(@$_) } @_;
    return queryStock => @articles ? holder('s:StockList' => {}, @articles) : data('s:StockList' => '');
}

sub session {
    my $header = SOAP::Header->name('Session')->attr({ xmlns => 'urn:example:clients:header' });
    return $header->value(\SOAP::Data->value(data(User => 'Ada & Söhne')));
}

# Anew for each version: SOAP::Lite notes types in what it has written once.
sub cases {
    return (
        [order   => order('DE', '1234567890123456.123456789')],
        [fault   => order('FR', '1')],
        [invalid => order('DE', '-1')],
        [list    => stock(['ABC-1', 7], ['XYZ-22', 700])],
        [none    => stock()],
        [count   => 'getCount'],
        # The element in the body is what is called, and its content the parameters.
        [bare    => placeOrder => SOAP::Data->name('Order')->attr(\%order), order_parts('DE', '1234567890123456.123456789')],
        [header  => reserveStock => article('ABC-1', 7), session()],
        [declared => reserveStock => article('ABC-1', 700), session()],
        [oneway  => deleteStock => article('ABC-1', 7)],
    );
}

# What stands at a path, as text or what it holds; a name that comes again makes a list. What is nil is left out.
sub plain {
    my ($som, $path) = @_;
    my $data = $som->dataof($path);
    my %attributes = %{ $data->attr };
    my %members = map { $_ => $attributes{$_} } grep { !/^(xmlns\b|\{)/ } keys %attributes;
    return undef if delete $members{'xsi:nil'};
    my $at = 0;
    while ($som->match("$path/[" . ++$at . ']')) {
        my $name = $som->dataof("$path/[$at]")->name;
        my $value = plain($som, "$path/[$at]");
        next unless defined $value;
        if (!exists $members{$name}) { $members{$name} = $value }
        elsif (ref $members{$name} eq 'ARRAY') { push @{ $members{$name} }, $value }
        else { $members{$name} = [$members{$name}, $value] }
    }
    return %members ? \%members : $data->value;
}

sub fault_of {
    my ($som, $version) = @_;
    my ($code, $reason, $detail) = $version eq '1.1'
        ? qw(faultcode faultstring detail) : qw(Code/Value Reason/Text Detail);
    my $at = "/Envelope/Body/Fault";
    my %fault = (reason => $som->valueof("$at/$reason"), detail => plain($som, "$at/$detail"));
    ($fault{code}) = $som->valueof("$at/$code") =~ /([^:]*)$/;
    $fault{subcodes} = [map { /([^:]*)$/ } $som->valueof("$at/Code/Subcode/Value")] if $version eq '1.2';
    return \%fault;
}

binmode STDOUT, ':utf8';
for my $version ('1.1', '1.2') {
    # Of everything that is made from here on.
    SOAP::Lite->soapversion($version);
    for my $case (cases()) {
        my ($name, $operation, @parameters) = @$case;
        my %method = map { $_ => "$methods->{$operation}{$_}" } qw(endpoint namespace soapaction);
        my $client = SOAP::Lite->new->proxy($method{endpoint})->ns($method{namespace}, 's')
            ->on_action(sub { qq("$method{soapaction}") })->on_fault(sub { $_[1] });
        $client->serializer->encodingStyle('') if $version eq '1.2';
        my $som = $client->call($name eq 'bare' ? () : $operation, @parameters);
        die $client->transport->status, "\n" unless $client->transport->is_success || ref $som;
        my %line = (version => $version, case => $name);
        if (!ref $som) { $line{answer} = undef }
        elsif ($som->fault) { $line{fault} = fault_of($som, $version) }
        elsif ($operation eq 'createOrder') { $line{answer} = plain($som, '/Envelope/Body/[1]/Receipt') }
        elsif ($operation eq 'placeOrder') { $line{answer} = plain($som, '/Envelope/Body/Receipt') }
        elsif ($operation eq 'reserveStock') {
            $line{answer} = { Stock => plain($som, '/Envelope/Body/[1]/Stock'), Limits => plain($som, '/Envelope/Header/Limits') };
        }
        elsif ($operation eq 'getCount') { $line{answer} = $som->result }
        else {
            my $list = plain($som, '/Envelope/Body/[1]/StockResponseList');
            $line{answer} = ref $list ? $list->{Stock} : [];
        }
        print JSON::PP->new->canonical->encode(\%line), "\n";
    }
}
