# Copyright (c) 2026, zonecut.dns contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Another client than the one under test, by which it shows whether the registry of the tests is one to others as well.
#
#   EPP_PASSWORD=... perl net_epp.pl HOST PORT AUTHORITY.pem ACCOUNT ACTION NAME [VALUE...]
#
# prints what the action brought, as JSON.

use strict;
use warnings;
use JSON::PP;
use Net::EPP::Simple;

# Its own identifiers are the same for all commands of a second, and the registry takes none twice.
package Numbered {
    our @ISA = ('Net::EPP::Simple');
    my $sent = 0;

    sub request {
        my ($self, $frame) = @_;
        $frame->clTRID->appendText(++$sent . '-') if UNIVERSAL::isa($frame, 'Net::EPP::Frame::Command');
        return $self->SUPER::request($frame);
    }
}

my ($host, $port, $authority, $account, $action, $name, @values) = @ARGV;

my $epp = Numbered->new(
    host    => $host,
    port    => $port,
    user    => $account,
    pass    => $ENV{EPP_PASSWORD},
    verify  => 1,
    ca_file => $authority,
    timeout => 10,
) or die "no session: $Net::EPP::Simple::Error\n";

sub addresses {
    return [ map { { ip => $_, version => /:/ ? 'v6' : 'v4' } } @_ ];
}

my %actions = (
    check_domain  => sub { $epp->check_domain($name) },
    create_domain => sub {
        $epp->create_domain({
            name       => $name,
            period     => 1,
            registrant => 'registrant1',
            contacts   => { admin => 'admin1' },
            ns         => \@values,
            authInfo   => 'transfer me',
        });
    },
    domain_info => sub { $epp->domain_info($name) },
    lock_domain => sub { $epp->update_domain({ name => $name, add => { status => \@values } }) },
    create_host => sub { $epp->create_host({ name => $name, addrs => addresses(@values) }) },
    host_info   => sub { $epp->host_info($name) },
    update_host => sub { $epp->update_host({ name => $name, add => { addrs => addresses(@values) } }) },
    delete_host => sub { $epp->delete_host($name) },
);

my $result = $actions{$action}->();
my $answer = { result => $result, code => 0 + $Net::EPP::Simple::Code, message => $Net::EPP::Simple::Message };
print JSON::PP->new->canonical->allow_nonref->convert_blessed->encode($answer), "\n";
$epp->logout;
