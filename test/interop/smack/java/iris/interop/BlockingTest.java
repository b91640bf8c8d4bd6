package iris.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;

import org.igniterealtime.smack.inttest.AbstractSmackIntegrationTest;
import org.igniterealtime.smack.inttest.SmackIntegrationTestEnvironment;
import org.igniterealtime.smack.inttest.annotations.AfterClass;
import org.igniterealtime.smack.inttest.annotations.SmackIntegrationTest;
import org.igniterealtime.smack.inttest.util.ResultSyncPoint;
import org.igniterealtime.smack.inttest.util.SimpleResultSyncPoint;
import org.jivesoftware.smack.StanzaListener;
import org.jivesoftware.smack.XMPPConnection;
import org.jivesoftware.smack.filter.AndFilter;
import org.jivesoftware.smack.filter.FromMatchesFilter;
import org.jivesoftware.smack.filter.MessageTypeFilter;
import org.jivesoftware.smack.packet.Message;
import org.jivesoftware.smack.packet.StanzaError;
import org.jivesoftware.smackx.blocking.AllJidsUnblockedListener;
import org.jivesoftware.smackx.blocking.BlockingCommandManager;
import org.jivesoftware.smackx.blocking.JidsBlockedListener;
import org.jivesoftware.smackx.blocking.JidsUnblockedListener;
import org.jivesoftware.smackx.blocking.element.BlockedErrorExtension;
import org.jxmpp.jid.EntityBareJid;
import org.jxmpp.jid.Jid;
import org.jxmpp.jid.impl.JidCreate;

/** XEP-0191, as Smack's own client of it sees it. Smack has no integration test for blocking. */
public class BlockingTest extends AbstractSmackIntegrationTest {

    private final BlockingCommandManager blocking;
    private final EntityBareJid one = conOne.getUser().asEntityBareJid();
    private final EntityBareJid two = conTwo.getUser().asEntityBareJid();

    public BlockingTest(SmackIntegrationTestEnvironment environment) {
        super(environment);
        blocking = BlockingCommandManager.getInstanceFor(conOne);
    }

    @AfterClass
    public void leaveNobodyBlocked() throws Exception {
        blocking.unblockAll();
    }

    @SmackIntegrationTest
    public void serverSupportsBlocking() throws Exception {
        assertTrue(blocking.isSupportedByServer());
    }

    /** §3.1, §3.2, §3.3: the list is what was set, and each change is pushed to who has asked for it. */
    @SmackIntegrationTest
    public void listFollowsCommandsAndIsPushed() throws Exception {
        assertEquals(List.of(), blocking.getBlockList());  // from here on Smack answers that out of the pushes
        Jid domain = JidCreate.from("blocked.example");
        Jid resource = JidCreate.from("someone@blocked.example/phone");
        ResultSyncPoint<List<Jid>, Exception> blocked = new ResultSyncPoint<>();
        ResultSyncPoint<List<Jid>, Exception> unblocked = new ResultSyncPoint<>();
        SimpleResultSyncPoint allUnblocked = new SimpleResultSyncPoint();
        JidsBlockedListener onBlock = blocked::signal;
        JidsUnblockedListener onUnblock = unblocked::signal;
        AllJidsUnblockedListener onUnblockAll = allUnblocked::signal;
        blocking.addJidsBlockedListener(onBlock);
        blocking.addJidsUnblockedListener(onUnblock);
        blocking.addAllJidsUnblockedListener(onUnblockAll);
        try {
            blocking.blockContacts(List.of(domain, resource));
            assertEquals(Set.of(domain, resource), Set.copyOf(blocked.waitForResult(timeout)));
            assertEquals(Set.of(domain, resource), Set.copyOf(blocking.getBlockList()));
            blocking.unblockContacts(List.of(domain));
            assertEquals(List.of(domain), unblocked.waitForResult(timeout));
            assertEquals(List.of(resource), blocking.getBlockList());
            blocking.unblockAll();
            allUnblocked.waitForResult(timeout);
            assertEquals(List.of(), blocking.getBlockList());
        } finally {
            blocking.removeJidsBlockedListener(onBlock);
            blocking.removeJidsUnblockedListener(onUnblock);
            blocking.removeAllJidsUnblockedListener(onUnblockAll);
        }
    }

    /** §3.4: who is blocked is told what one is told about somebody who is not there. */
    @SmackIntegrationTest
    public void messageFromTheBlockedIsRefused() throws Exception {
        blocking.blockContacts(List.of(two));
        try {
            Message answer = errorForMessage(conTwo, one);
            assertEquals(StanzaError.Condition.service_unavailable, answer.getError().getCondition());
        } finally {
            blocking.unblockContacts(List.of(two));
        }
    }

    /** §3.4: one's own message to somebody whom one has blocked. */
    @SmackIntegrationTest
    public void messageToTheBlockedIsNotAcceptable() throws Exception {
        blocking.blockContacts(List.of(two));
        try {
            Message answer = errorForMessage(conOne, two);
            assertEquals(StanzaError.Condition.not_acceptable, answer.getError().getCondition());
            assertTrue(BlockedErrorExtension.isInside(answer), "the error does not say <blocked/>");
        } finally {
            blocking.unblockContacts(List.of(two));
        }
    }

    private Message errorForMessage(XMPPConnection from, EntityBareJid to) throws Exception {
        ResultSyncPoint<Message, Exception> refused = new ResultSyncPoint<>();
        Message message = from.getStanzaFactory().buildMessageStanza()
            .to(to).ofType(Message.Type.chat).setBody("Blocked? " + testRunId).build();
        AndFilter isItsError = new AndFilter(MessageTypeFilter.ERROR, FromMatchesFilter.createBare(to),
            stanza -> message.getStanzaId().equals(stanza.getStanzaId()));
        StanzaListener listener = stanza -> refused.signal((Message) stanza);
        from.addAsyncStanzaListener(listener, isItsError);
        try {
            from.sendStanza(message);
            return refused.waitForResult(timeout);
        } finally {
            from.removeAsyncStanzaListener(listener);
        }
    }
}
