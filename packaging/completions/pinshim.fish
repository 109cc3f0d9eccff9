# fish completion for pinshim

function __pinshim_is # SUBCOMMAND, or bundle ACTION: the words before the cursor begin like that
    set -l words (commandline -opc)
    if test "$argv" = bundle # an action is to come
        test "$words[2..]" = bundle
    else
        test "$words[2..$(math 1 + (count $argv))]" = "$argv"
    end
end

complete -c pinshim -f
complete -c pinshim -s h -l help -d 'How it is used'
complete -c pinshim -s V -l version -d 'The version' -n 'not __pinshim_is bundle create'

complete -c pinshim -n __fish_use_subcommand -a run -d 'Start a program under the library'
complete -c pinshim -n __fish_use_subcommand -a check -d 'Every error and warning of a policy'
complete -c pinshim -n __fish_use_subcommand -a compile -d 'Make the image that programs load'
complete -c pinshim -n __fish_use_subcommand -a explain -d 'Why a host is pinned or not'
complete -c pinshim -n __fish_use_subcommand -a pin -d 'The pins of a certificate or a server'
complete -c pinshim -n __fish_use_subcommand -a log -d 'The events, for reading'
complete -c pinshim -n __fish_use_subcommand -a doctor -d 'Which TLS is in a program or process?'
complete -c pinshim -n __fish_use_subcommand -a status -d 'Is the TLS of every process under the policy?'
complete -c pinshim -n __fish_use_subcommand -a bundle -d 'A policy as one signed file'
complete -c pinshim -n __fish_use_subcommand -a refresh -d 'Have the agent look for a newer policy now'
complete -c pinshim -n __fish_use_subcommand -a install-preload -d 'The library in every program of the system'
complete -c pinshim -n __fish_use_subcommand -a remove-preload -d 'And out of them again'
complete -c pinshim -n __fish_use_subcommand -a help -d 'How a subcommand is used'
complete -c pinshim -n '__pinshim_is help' \
    -a 'run check compile explain pin log doctor status bundle refresh install-preload remove-preload'

complete -c pinshim -n '__pinshim_is run' -s c -l config -rF -d 'The policy'
complete -c pinshim -n '__pinshim_is run' -s r -l report -d 'Terminate nothing'
complete -c pinshim -n '__pinshim_is run' -s b -l best-effort -d 'Start what cannot be protected, too'
complete -c pinshim -n '__pinshim_is run' -a '(__fish_complete_subcommand --fcs-skip=2)'
complete -c pinshim -n '__pinshim_is check' -F -s j -l json -d 'One JSON object'
complete -c pinshim -n '__pinshim_is compile' -F
complete -c pinshim -n '__pinshim_is compile' -s o -l output -rF -d 'The image'
complete -c pinshim -n '__pinshim_is explain' -s c -l config -rF -d 'The policy'
complete -c pinshim -n '__pinshim_is explain' -s u -l user -xa '(__fish_complete_users)' -d 'For a program of this user'
complete -c pinshim -n '__pinshim_is explain' -l connect -d 'Ask the server'
complete -c pinshim -n '__pinshim_is explain' -s j -l json -d 'One JSON document'
complete -c pinshim -n '__pinshim_is explain' -a '(__fish_print_hostnames)'
complete -c pinshim -n '__pinshim_is pin' -s C -l cafile -rF -d 'Verify against these roots'
complete -c pinshim -n '__pinshim_is pin' -s p -l policy -d 'Entries for a policy'
complete -c pinshim -n '__pinshim_is pin' -s j -l json -d 'One JSON array'
complete -c pinshim -n '__pinshim_is pin' -F -a '(__fish_print_hostnames)'
complete -c pinshim -n '__pinshim_is log' -s c -l config -rF -d 'The policy'
complete -c pinshim -n '__pinshim_is log' -s f -l follow -d 'Those to come, too'
complete -c pinshim -n '__pinshim_is log' -s n -l lines -x -d 'The last ones alone'
complete -c pinshim -n '__pinshim_is log' -s j -l json -d 'JSON objects, one a line'
complete -c pinshim -n '__pinshim_is doctor' -s a -l all -d 'The installed programs that have TLS'
complete -c pinshim -n '__pinshim_is doctor' -s j -l json -d JSON
complete -c pinshim -n '__pinshim_is doctor' -F -a '(__fish_complete_pids)'
complete -c pinshim -n '__pinshim_is status' -s t -l tls -d 'Only processes with TLS in them'
complete -c pinshim -n '__pinshim_is status' -s j -l json -d 'One JSON array'
complete -c pinshim -n '__pinshim_is install-preload' -l root -xa '(__fish_complete_directories)' -d 'Of another system'
complete -c pinshim -n '__pinshim_is remove-preload' -l root -xa '(__fish_complete_directories)' -d 'Of another system'

complete -c pinshim -n '__pinshim_is bundle' -a create -d 'Make one of a folder, and sign it'
complete -c pinshim -n '__pinshim_is bundle' -a sign -d 'Add the signature of another key'
complete -c pinshim -n '__pinshim_is bundle' -a verify -d 'Is it signed, and not expired?'
complete -c pinshim -n '__pinshim_is bundle' -a show -d 'What is in it'
complete -c pinshim -n '__pinshim_is bundle' -a key -d 'A key as a policy spells it'
complete -c pinshim -n '__pinshim_is bundle create' -s o -l output -rF -d 'Where it is written'
complete -c pinshim -n '__pinshim_is bundle create' -s n -l version -x -d 'Its version'
complete -c pinshim -n '__pinshim_is bundle create' -s e -l expires -x -d 'Its last good day'
complete -c pinshim -n '__pinshim_is bundle create' -s k -l key -rF -d 'The private key'
complete -c pinshim -n '__pinshim_is bundle create' -a '(__fish_complete_directories)'
complete -c pinshim -n '__pinshim_is bundle sign' -s k -l key -rF -d 'The private key'
complete -c pinshim -n '__pinshim_is bundle sign' -F
complete -c pinshim -n '__pinshim_is bundle verify' -s p -l public-key -rF -d 'A key that is accepted'
complete -c pinshim -n '__pinshim_is bundle verify' -F
complete -c pinshim -n '__pinshim_is bundle show' -s f -l file -x -d 'The text of one file of it'
complete -c pinshim -n '__pinshim_is bundle show' -s j -l json -d 'One JSON object'
complete -c pinshim -n '__pinshim_is bundle show' -F
complete -c pinshim -n '__pinshim_is bundle key' -F
