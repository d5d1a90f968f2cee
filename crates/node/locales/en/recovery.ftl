# A node that was restored from a back-up
refusal-RCV01 = This node is catching up with what it had said in this channel before its database was restored, and takes no act in it until then.
    .advice = Wait for the other parties’ nodes; this node goes on by itself once its log has come back. `tansiq doctor` says what is missing.
refusal-RCV02 = This node has signed two histories of its log in this channel that cannot both be true, and adds to neither.
    .advice = Tell the administrator and the other parties; it takes another back-up, or a new channel.
refusal-RCV03 = Not every party of the channel has said yet how much it holds of this node’s log.
    .advice = Let the node run until it has reached every party once, then try again. `tansiq recover` says who is missing.
refusal-RCV04 = A party holds more of this node’s log than the node itself. What can come back is not given up.
    .advice = Let the node run and reach that party; what is missing comes back by itself.
refusal-RCV05 = Nothing is missing from this node’s log in this channel.
    .advice = There is nothing to do.
